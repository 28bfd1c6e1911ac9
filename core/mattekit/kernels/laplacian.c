/* The matting Laplacian and Chebyshev iteration; see laplacian.py. */

#include <string.h>

#include "kernels.h"

/* Adds the three columns of windows of each of `count` lines that are sums of three rows already. */
static void JOINED(across, VARIANT)(const float *line, int width, float *out) {
    INDEPENDENT
    for (int x = 0; x < width - 2; x++) out[x] = line[x] + line[x + 1] + line[x + 2];
}

/* Means of colour and the factors L D L^T of its covariance, for each 3 x 3 window inside the picture.
 *
 * image (3, height, width) with its mean taken off; mean (3, height - 2, width - 2), factors (6, same): three entries
 * of L, three inverse entries of D.
 */
KERNEL(factor_windows)(const float *restrict image, int height, int width, float epsilon, float *mean, float *factors) {
    size_t area = (size_t)height * width;
    int rows = height - 2, columns = width - 2;
    size_t windows = (size_t)rows * columns;
    for (int y = 0; y < rows; y++) {
        const float *red = image + (size_t)y * width, *green = red + area, *blue = green + area;
        size_t start = (size_t)y * columns;
        float *restrict means = mean + start, *restrict out = factors + start;
        INDEPENDENT
        for (int x = 0; x < columns; x++) {
#define NINE(each) each(0) each(1) each(2) each(width) each(width + 1) each(width + 2) each(2 * width) \
    each(2 * width + 1) each(2 * width + 2)
            float r = 0, g = 0, b = 0;
#define SUMMED(at) r += red[x + at], g += green[x + at], b += blue[x + at];
            NINE(SUMMED)
            r *= 1 / 9.0f, g *= 1 / 9.0f, b *= 1 / 9.0f;
            float rr = 0, rg = 0, rb = 0, gg = 0, gb = 0, bb = 0, dr, dg, db;
#define SPREAD(at)                                                          \
    dr = red[x + at] - r, dg = green[x + at] - g, db = blue[x + at] - b;    \
    rr += dr * dr, rg += dr * dg, rb += dr * db, gg += dg * dg, gb += dg * db, bb += db * db;
            NINE(SPREAD)
#undef NINE
#undef SUMMED
#undef SPREAD
            rr = rr * (1 / 9.0f) + epsilon, rg *= 1 / 9.0f, rb *= 1 / 9.0f;
            gg = gg * (1 / 9.0f) + epsilon, gb *= 1 / 9.0f, bb = bb * (1 / 9.0f) + epsilon;
            float d0 = 1 / most(rr, epsilon), l0 = rg * d0, l1 = rb * d0;
            float d1 = 1 / most(gg - l0 * rg, epsilon), rest = gb - l0 * rb, l2 = rest * d1;
            float d2 = 1 / most(bb - l1 * rb - l2 * rest, epsilon);
            means[x] = r, means[windows + x] = g, means[2 * windows + x] = b;
            out[x] = l0, out[windows + x] = l1, out[2 * windows + x] = l2;
            out[3 * windows + x] = d0, out[4 * windows + x] = d1, out[5 * windows + x] = d2;
        }
    }
}

/* Writes L x (height, width). `room` holds (4 + 4) rows and (4 * 3) rows of windows with 2 + 2 more columns. */
static void JOINED(apply_laplacian, VARIANT)(const float *image, const float *mean, const float *factors,
                                             const float *x, int height, int width, float *room, float *out) {
    size_t area = (size_t)height * width;
    int rows = height - 2, columns = width - 2, pitch = columns + 4;
    size_t windows = (size_t)rows * columns;
    float *line = room, *ring = room + 4 * width, *spread = ring + 12 * pitch;
    /* The ring holds the fits of three rows of windows, with two empty columns on each side. */
    memset(ring, 0, sizeof(float) * 12 * pitch);
    for (int y = 0; y < height; y++) {
        float *slot = ring + (size_t)(y % 3) * 4 * pitch;
        if (y < rows) {
            const float *own = x + (size_t)y * width;
            INDEPENDENT
            for (int i = 0; i < width; i++) line[i] = own[i] + own[width + i] + own[2 * width + i];
            for (int channel = 0; channel < 3; channel++) {
                const float *color = image + channel * area + (size_t)y * width;
                float *sum = line + (channel + 1) * width;
                INDEPENDENT
                for (int i = 0; i < width; i++)
                    sum[i] = own[i] * color[i] + own[width + i] * color[width + i] +
                             own[2 * width + i] * color[2 * width + i];
            }
            for (int plane = 0; plane < 4; plane++)
                JOINED(across, VARIANT)(line + plane * width, width, slot + plane * pitch + 2);
            const float *m = mean + (size_t)y * columns, *f = factors + (size_t)y * columns;
            float *s0 = slot + 2, *s1 = s0 + pitch, *s2 = s1 + pitch, *s3 = s2 + pitch;
            INDEPENDENT
            for (int i = 0; i < columns; i++) {
                float p = s0[i] * (1 / 9.0f);
                float m0 = m[i], m1 = m[windows + i], m2 = m[2 * windows + i];
                float a = f[i], b = f[windows + i], c = f[2 * windows + i];
                float v0 = s1[i] * (1 / 9.0f) - m0 * p, v1 = s2[i] * (1 / 9.0f) - m1 * p;
                float v2 = s3[i] * (1 / 9.0f) - m2 * p;
                v1 -= a * v0;
                v2 -= b * v0;
                v2 -= c * v1;
                v0 *= f[3 * windows + i];
                v1 *= f[4 * windows + i];
                v2 *= f[5 * windows + i];
                v1 -= c * v2;
                v0 -= a * v1;
                v0 -= b * v2;
                s0[i] = p - (v0 * m0 + v1 * m1 + v2 * m2);
                s1[i] = v0;
                s2[i] = v1;
                s3[i] = v2;
            }
        } else {
            memset(slot, 0, sizeof(float) * 4 * pitch);
        }
        /* Each pixel is in the windows of this row, of the one before and of the one before that. */
        for (int plane = 0; plane < 4; plane++) {
            const float *one = ring + plane * pitch, *two = one + 4 * pitch, *three = two + 4 * pitch;
            float *sum = line + plane * width;
            INDEPENDENT
            for (int i = 0; i < pitch; i++) spread[i] = one[i] + two[i] + three[i];
            INDEPENDENT
            for (int i = 0; i < width; i++) sum[i] = spread[i] + spread[i + 1] + spread[i + 2];
        }
        int above = nearer(y, rows - 1) - farther(y - 2, 0) + 1;
        const float *own = x + (size_t)y * width, *color = image + (size_t)y * width;
        float *result = out + (size_t)y * width;
        INDEPENDENT
        for (int i = 0; i < width; i++) {
            int beside = nearer(i, columns - 1) - farther(i - 2, 0) + 1;
            float fit = line[i] + line[width + i] * color[i] + line[2 * width + i] * color[area + i] +
                        line[3 * width + i] * color[2 * area + i];
            result[i] = (float)(above * beside) * own[i] - fit;
        }
    }
}

/* Brings x closer to the minimum of x^T L x + sum weight (x - target)^2 by Chebyshev iteration, where `unknown`.
 *
 * x, target, weight, unknown (height, width); `smallest` is where the part of the spectrum begins that is solved for.
 * `room` holds what apply_laplacian needs and two planes.
 */
KERNEL(chebyshev)(const float *image, const float *mean, const float *factors, const float *target, const float *weight,
                  const uint8_t *unknown, int height, int width, int steps, float smallest, float *room, float *x) {
    size_t count = (size_t)height * width;
    float *step = room, *applied = room + count, *rest = applied + count;
    float center = (1 + smallest) / 2, half = (1 - smallest) / 2, beta = 0, alpha = 1 / center;
    memset(step, 0, sizeof(float) * count);
    for (int turn = 0; turn < steps; turn++) {
        /* The three-term recurrence of Chebyshev polynomials on [smallest, 1]. */
        if (turn) {
            beta = (half * alpha / 2) * (half * alpha / 2) * (turn == 1 ? 2 : 1);
            alpha = 1 / (center - beta / alpha);
        }
        JOINED(apply_laplacian, VARIANT)(image, mean, factors, x, height, width, rest, applied);
        INDEPENDENT
        for (size_t i = 0; i < count; i++) {
            float residual = weight[i] * (target[i] - x[i]) - applied[i];
            float scale = unknown[i] ? 1 / (9 + weight[i]) : 0;
            step[i] = step[i] * beta + residual * scale;
            x[i] += alpha * step[i];
        }
    }
}
