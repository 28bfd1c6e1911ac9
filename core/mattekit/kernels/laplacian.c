/* The matting Laplacian and Chebyshev iteration; see laplacian.py. */

#include <string.h>

#include "kernels.h"

/* Unknown pixels are a narrow band. All work is done on spans of rows that hold them, or windows with them; spans
 * that are nearer to each other than this are one. */
#define GAP 16
/* They begin and end at multiples of this, for loops that are so wide have no rest then. What they hold besides is
 * computed and changes nothing. */
#define WIDE 8

typedef struct {
    int32_t from, to, at; /* columns, and how many windows spans before this one have */
} Span;

/* Lists the spans of a row where `wanted` is true and returns the place behind the last. */
static Span *JOINED(spans_of, VARIANT)(const uint8_t *wanted, int width, int32_t *total, Span *out) {
    const Span *begin = out;
    for (int x = 0; x < width;) {
        uint64_t eight = 0;
        for (; x + 8 <= width; x += 8) {
            memcpy(&eight, wanted + x, 8);
            if (eight) break;
        }
        while (x < width && !wanted[x]) x++;
        if (x == width) break;
        int from = x / WIDE * WIDE;
        while (x < width && wanted[x]) x++;
        x = nearer((x + WIDE - 1) / WIDE * WIDE, width);
        if (out > begin && from - out[-1].to < GAP) {
            *total += x - out[-1].to;
            out[-1].to = x;
        } else {
            out->from = from, out->to = x, out->at = *total;
            *total += x - from;
            out++;
        }
    }
    return out;
}

/* Adds the three columns of windows from..to of a line whose values are sums of three rows already. */
static void JOINED(across, VARIANT)(const float *line, int from, int to, float *out) {
    INDEPENDENT
    for (int x = from; x < to; x++) out[x] = line[x] + line[x + 1] + line[x + 2];
}

/* Means of colour and the factors L D L^T of its covariance for 3 x 3 windows whose upper left pixels are given.
 *
 * `red` is where the first plane's first pixel lies, `area` how far apart planes are. out (9, windows): three means,
 * three entries of L, three inverse entries of D.
 */
static void JOINED(factor_windows, VARIANT)(const float *restrict red, size_t area, int width, int count, float epsilon,
                                            size_t windows, float *restrict out) {
    const float *restrict green = red + area, *restrict blue = green + area;
    INDEPENDENT
    for (int x = 0; x < count; x++) {
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
        out[x] = r, out[windows + x] = g, out[2 * windows + x] = b;
        out[3 * windows + x] = l0, out[4 * windows + x] = l1, out[5 * windows + x] = l2;
        out[6 * windows + x] = d0, out[7 * windows + x] = d1, out[8 * windows + x] = d2;
    }
}

/* Fits alpha in the windows of one span as a linear function of colour: four planes of `pitch` in `slot`. */
static void JOINED(fit_windows, VARIANT)(const float *alpha, const float *image, size_t area, int width, Span span,
                                         const float *factors, size_t windows, float *line, float *slot, int pitch) {
    int from = span.from, to = span.to;
    INDEPENDENT
    for (int i = from; i < to + 2; i++) line[i] = alpha[i] + alpha[width + i] + alpha[2 * width + i];
    for (int channel = 0; channel < 3; channel++) {
        const float *color = image + channel * area;
        float *sum = line + (channel + 1) * width;
        INDEPENDENT
        for (int i = from; i < to + 2; i++)
            sum[i] = alpha[i] * color[i] + alpha[width + i] * color[width + i] +
                     alpha[2 * width + i] * color[2 * width + i];
    }
    for (int plane = 0; plane < 4; plane++)
        JOINED(across, VARIANT)(line + plane * width, from, to, slot + plane * pitch);
    const float *f = factors + span.at - from;
    float *s0 = slot, *s1 = s0 + pitch, *s2 = s1 + pitch, *s3 = s2 + pitch;
    INDEPENDENT
    for (int i = from; i < to; i++) {
        float p = s0[i] * (1 / 9.0f);
        float m0 = f[i], m1 = f[windows + i], m2 = f[2 * windows + i];
        float a = f[3 * windows + i], b = f[4 * windows + i], c = f[5 * windows + i];
        float v0 = s1[i] * (1 / 9.0f) - m0 * p, v1 = s2[i] * (1 / 9.0f) - m1 * p;
        float v2 = s3[i] * (1 / 9.0f) - m2 * p;
        v1 -= a * v0;
        v2 -= b * v0;
        v2 -= c * v1;
        v0 *= f[6 * windows + i];
        v1 *= f[7 * windows + i];
        v2 *= f[8 * windows + i];
        v1 -= c * v2;
        v0 -= a * v1;
        v0 -= b * v2;
        s0[i] = p - (v0 * m0 + v1 * m1 + v2 * m2);
        s1[i] = v0;
        s2[i] = v1;
        s3[i] = v2;
    }
}

/* What an iteration works on: parts of planes whose rows are `pitch` apart. */
typedef struct {
    const float *target, *weight;
    const uint8_t *unknown;
    ptrdiff_t pitch;
} Asked;

/* Brings x (height, width) closer to the minimum of x^T L x + sum weight (x - target)^2 by Chebyshev iteration.
 *
 * image (3, height, width) with its mean about 0. `room` holds what `iteration_room` in laplacian.py says. Returns the
 * spans of unknown pixels, which are all that changes, and their starts.
 */
static const Span *JOINED(iterate, VARIANT)(const float *image, Asked asked, int height, int width, int steps,
                                            float epsilon, float smallest, float *room, float *x,
                                            const int32_t **starts) {
    size_t area = (size_t)height * width;
    int rows = height - 2, columns = width - 2, pitch = columns + 4;
    int32_t *pixel_starts = (int32_t *)room, *window_starts = pixel_starts + height + 1, total = 0, pixels = 0;
    Span *first = (Span *)(window_starts + height + 1), *last = first;
    room = (float *)(first + 2 * (size_t)height * (width / (GAP + 1) + 1));
    float *step = room, *line = step + area, *ring = line + 4 * width, *spread = ring + 12 * pitch;
    float *factors = spread + pitch;
    uint8_t *below = (uint8_t *)line, *wanted = below + width;
    for (int y = 0; y < height; y++) {
        pixel_starts[y] = (int32_t)(last - first);
        last = JOINED(spans_of, VARIANT)(asked.unknown + y * asked.pitch, width, &pixels, last);
    }
    pixel_starts[height] = (int32_t)(last - first);
    for (int y = 0; y < rows; y++) {
        window_starts[y] = (int32_t)(last - first);
        if (pixel_starts[y] == pixel_starts[y + 3]) continue;
        const uint8_t *one = asked.unknown + y * asked.pitch, *two = one + asked.pitch, *three = two + asked.pitch;
        INDEPENDENT
        for (int i = 0; i < width; i++) below[i] = one[i] | two[i] | three[i];
        INDEPENDENT
        for (int i = 0; i < columns; i++) wanted[i] = below[i] | below[i + 1] | below[i + 2];
        last = JOINED(spans_of, VARIANT)(wanted, columns, &total, last);
    }
    window_starts[rows] = (int32_t)(last - first);
    size_t windows = (size_t)total;
    for (int y = 0; y < rows; y++)
        for (const Span *span = first + window_starts[y]; span < first + window_starts[y + 1]; span++)
            JOINED(factor_windows, VARIANT)(image + (size_t)y * width + span->from, area, width, span->to - span->from,
                                            epsilon, windows, factors + span->at);
    float center = (1 + smallest) / 2, half = (1 - smallest) / 2, beta = 0, alpha = 1 / center;
    for (int turn = 0; turn < steps; turn++) {
        /* The three-term recurrence of Chebyshev polynomials on [smallest, 1]. */
        if (turn) {
            beta = (half * alpha / 2) * (half * alpha / 2) * (turn == 1 ? 2 : 1);
            alpha = 1 / (center - beta / alpha);
        }
        /* The ring holds the fits of three rows of windows, with two empty columns on each side. */
        memset(ring, 0, sizeof(float) * 12 * pitch);
        for (int y = 0; y < height; y++) {
            float *slot = ring + (size_t)(y % 3) * 4 * pitch;
            size_t row = (size_t)y * width;
            if (y < rows)
                for (const Span *span = first + window_starts[y]; span < first + window_starts[y + 1]; span++)
                    JOINED(fit_windows, VARIANT)(x + row, image + row, area, width, *span, factors, windows, line,
                                                 slot + 2, pitch);
            else
                memset(slot, 0, sizeof(float) * 4 * pitch);
            /* Each pixel is in the windows of this row, of the one before and of the one before that; no later window
             * holds it, so that it can change. */
            int above = nearer(y, rows - 1) - farther(y - 2, 0) + 1;
            for (const Span *span = first + pixel_starts[y]; span < first + pixel_starts[y + 1]; span++) {
                int from = span->from, to = span->to;
                for (int plane = 0; plane < 4; plane++) {
                    const float *one = ring + plane * pitch, *two = one + 4 * pitch, *three = two + 4 * pitch;
                    float *sum = line + plane * width;
                    INDEPENDENT
                    for (int i = from; i < to + 2; i++) spread[i] = one[i] + two[i] + three[i];
                    JOINED(across, VARIANT)(spread, from, to, sum);
                }
                const float *target = asked.target + y * asked.pitch, *weight = asked.weight + y * asked.pitch;
                const uint8_t *unknown = asked.unknown + y * asked.pitch;
                const float *color = image + row;
                float *own = x + row, *moved = step + row;
                if (!turn) memset(moved + from, 0, sizeof(float) * (to - from));
                INDEPENDENT
                for (int i = from; i < to; i++) {
                    int beside = nearer(i, columns - 1) - farther(i - 2, 0) + 1;
                    float fit = line[i] + line[width + i] * color[i] + line[2 * width + i] * color[area + i] +
                                line[3 * width + i] * color[2 * area + i];
                    float applied = (float)(above * beside) * own[i] - fit;
                    float residual = weight[i] * (target[i] - own[i]) - applied;
                    float scale = unknown[i] ? 1 / (9 + weight[i]) : 0;
                    moved[i] = moved[i] * beta + residual * scale;
                    own[i] += alpha * moved[i];
                }
            }
        }
    }
    *starts = pixel_starts;
    return first;
}

/* Writes a part of a plane, whose rows are `pitch` apart, with about its mean taken off: far from 0 the differences of
 * means would drown in rounding. Some pixels tell the middle well enough. */
static void JOINED(centered, VARIANT)(const float *plane, int pitch, int height, int width, float *out) {
    float sum = 0;
    int count = 0;
    for (int y = 0; y < height; y += 8)
        for (int x = 0; x < width; x += 8, count++) sum += plane[(size_t)y * pitch + x];
    float center = sum / (float)count;
    for (int y = 0; y < height; y++) {
        INDEPENDENT
        for (int x = 0; x < width; x++) out[(size_t)y * width + x] = plane[(size_t)y * pitch + x] - center;
    }
}

/* Solves in an outer box of planes (height, width) and writes what is unknown inside an inner one.
 *
 * image (3, height, width), target, weight, unknown, result (height, width); start is of the outer box, its rows so many
 * bytes apart. `room` holds alpha and colours of the outer box, and what an iteration needs.
 */
KERNEL(chebyshev)(const float *image, const void *start, ptrdiff_t start_pitch, const float *target,
                  const float *weight, const uint8_t *unknown, int height, int width, int left, int top, int right, int bottom,
                  int inner_left, int inner_top, int inner_right, int inner_bottom, int steps, float epsilon,
                  float smallest, float *room, float *result) {
    size_t area = (size_t)height * width, corner = (size_t)top * width + left;
    int tall = bottom - top, wide = right - left;
    size_t own = (size_t)tall * wide;
    float *x = room, *colors = x + own;
    for (int y = 0; y < tall; y++)
        memcpy(x + (size_t)y * wide, (const char *)start + y * start_pitch, sizeof(float) * wide);
    for (int channel = 0; channel < 3; channel++)
        JOINED(centered, VARIANT)(image + channel * area + corner, width, tall, wide, colors + channel * own);
    Asked asked = {target + corner, weight + corner, unknown + corner, width};
    const int32_t *starts;
    const Span *found = JOINED(iterate, VARIANT)(colors, asked, tall, wide, steps, epsilon, smallest,
                                                 colors + 3 * own, x, &starts);
    for (int y = inner_top - top; y < inner_bottom - top; y++)
        for (const Span *span = found + starts[y]; span < found + starts[y + 1]; span++) {
            int from = farther(span->from, inner_left - left), to = nearer(span->to, inner_right - left);
            if (from < to)
                memcpy(result + corner + (size_t)y * width + from, x + (size_t)y * wide + from,
                       sizeof(float) * (to - from));
        }
}

/* Makes of what a smaller size says, start (height, width), where an iteration begins: a target, where that counts. Of
 * the other planes rows lie so many bytes apart. */
KERNEL(lean_on)(const void *target, ptrdiff_t target_pitch, const void *weight, ptrdiff_t weight_pitch,
                const uint8_t *unknown, ptrdiff_t unknown_pitch, int height, int width, float doubt, float *start) {
    for (int y = 0; y < height; y++, start += width) {
        const float *wanted = (const float *)((const char *)target + y * target_pitch);
        const float *counts = (const float *)((const char *)weight + y * weight_pitch);
        const uint8_t *open = unknown + y * unknown_pitch;
        INDEPENDENT
        for (int x = 0; x < width; x++) {
            float share = counts[x] / (counts[x] + doubt);
            start[x] = open[x] ? share * wanted[x] + (1 - share) * start[x] : wanted[x];
        }
    }
}

/* Writes target and weight (height, width) at half the size: means of the target that count as much as it does, and of
 * `least` more than the weight; but what is known there, 1 in front and 0 behind. `room` holds 4 rows. */
KERNEL(halve_weighted)(const float *target, const float *weight, int height, int width, float smallest,
                       const uint8_t *front, const uint8_t *back, float *room, float *half, float *half_weight) {
    int columns = (width + 1) / 2;
    for (int y = 0; y < height; y += 2) {
        int rows = nearer(2, height - y), many = rows * width;
        const float *own = target + (size_t)y * width, *counts = weight + (size_t)y * width;
        float *heavy = room, *product = room + many;
        INDEPENDENT
        for (int i = 0; i < many; i++) {
            heavy[i] = counts[i] + smallest;
            product[i] = own[i] * heavy[i];
        }
        JOINED(halve, VARIANT)(heavy, 1, rows, width, half_weight);
        JOINED(halve, VARIANT)(product, 1, rows, width, half);
        INDEPENDENT
        for (int x = 0; x < columns; x++) {
            float mean = half[x] / half_weight[x];
            half[x] = back[x] ? 0 : front[x] ? 1 : mean;
        }
        half += columns, half_weight += columns, front += columns, back += columns;
    }
}

/* Makes what is nearly 0 or 1 so: up to 1 - `end` from the middle alpha stays, beyond it is spread by `slope`. */
KERNEL(snap_to_extremes)(float *alpha, int count, float end, float slope) {
    INDEPENDENT
    for (int i = 0; i < count; i++) {
        float snapped = (least(alpha[i] - end, 0) + most(alpha[i] - (1 - end), 0)) * slope;
        alpha[i] = clipped(snapped + alpha[i], 0, 1);
    }
}
