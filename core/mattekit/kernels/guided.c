/* The guided filter; see guided.py. */

#include <string.h>

#include "kernels.h"

#define PRODUCTS 13 /* three colours, alpha, six products of colours, three of colour and alpha */

/* Sums each row of `count` planes over windows of 2 radius + 1 columns, cut off at the borders. */
static void JOINED(row_sums, VARIANT)(const float *lines, int count, int width, int radius, float *out) {
    for (int plane = 0; plane < count; plane++) {
        const float *own = lines + (size_t)plane * width;
        float *sum = out + (size_t)plane * width;
        memcpy(sum, own, sizeof(float) * width);
        for (int step = 1; step <= nearer(radius, width - 1); step++) {
            INDEPENDENT
            for (int x = step; x < width; x++) sum[x] += own[x - step];
            INDEPENDENT
            for (int x = 0; x < width - step; x++) sum[x] += own[x + step];
        }
    }
}

/* Adds up the rows of a ring that a window holds and divides by how many pixels those are; `columns` holds one over
 * how many of them are in a row. */
static void JOINED(window_means, VARIANT)(const float *ring, int count, int width, int radius, int first, int last,
                                          const float *columns, float *out) {
    int size = 2 * radius + 1;
    size_t length = (size_t)count * width;
    memcpy(out, ring + (size_t)(first % size) * length, sizeof(float) * length);
    for (int row = first + 1; row <= last; row++) {
        const float *line = ring + (size_t)(row % size) * length;
        INDEPENDENT
        for (size_t i = 0; i < length; i++) out[i] += line[i];
    }
    float rows = 1 / (float)(last - first + 1);
    for (int plane = 0; plane < count; plane++) {
        float *own = out + (size_t)plane * width;
        INDEPENDENT
        for (int x = 0; x < width; x++) own[x] *= columns[x] * rows;
    }
}

/* Means over windows of 2 radius + 1 pixels along both axes, cut off at the borders: first along columns, then along
 * rows, each sum from the middle outwards. planes and out (count, height, width), `room` one row. */
KERNEL(box_mean)(const float *planes, int count, int height, int width, int radius, float *room, float *out) {
    int down = nearer(radius, height - 1), across = nearer(radius, width - 1);
    for (int plane = 0; plane < count; plane++) {
        const float *from = planes + (size_t)plane * height * width;
        for (int y = 0; y < height; y++, out += width) {
            memcpy(room, from + (size_t)y * width, sizeof(float) * width);
            for (int step = 1; step <= down; step++) {
                const float *above = from + (size_t)(y - step) * width, *below = from + (size_t)(y + step) * width;
                if (y >= step) {
                    INDEPENDENT
                    for (int x = 0; x < width; x++) room[x] += above[x];
                }
                if (y + step < height) {
                    INDEPENDENT
                    for (int x = 0; x < width; x++) room[x] += below[x];
                }
            }
            float rows = (float)(nearer(y, down) + nearer(height - 1 - y, down) + 1);
            INDEPENDENT
            for (int x = 0; x < width; x++) room[x] /= rows;
            JOINED(row_sums, VARIANT)(room, 1, width, radius, out);
            INDEPENDENT
            for (int x = 0; x < width; x++)
                out[x] /= (float)(nearer(x, across) + nearer(width - 1 - x, across) + 1);
        }
    }
}

/* Fits alpha = a . guide + b in each window and averages a and b over the windows that hold a pixel.
 *
 * guide (3, height, width), alpha (height, width), center (3), out (4, height, width); `room` holds
 * (1 + 2 * 13 + 2 * 4 + (2 radius + 1) * 17) rows.
 */
KERNEL(linear_model)(const float *guide, const float *alpha, const float *center, int height, int width, int radius,
                     float epsilon, float *room, float *out) {
    size_t area = (size_t)height * width;
    int size = 2 * radius + 1;
    float *columns = room, *lines = room + width, *means = lines + PRODUCTS * width, *slopes = means + PRODUCTS * width;
    float *result = slopes + 4 * width, *ring = result + 4 * width, *again = ring + (size_t)size * PRODUCTS * width;
    for (int x = 0; x < width; x++) {
        int reach = nearer(radius, width - 1);
        columns[x] = 1 / (float)(nearer(x, reach) + nearer(width - 1 - x, reach) + 1);
    }
    for (int y = 0; y < height + 2 * radius; y++) {
        if (y < height) {
            float *red = lines, *green = red + width, *blue = green + width, *level = blue + width;
            for (int channel = 0; channel < 3; channel++) {
                const float *own = guide + channel * area + (size_t)y * width;
                INDEPENDENT
                for (int x = 0; x < width; x++) lines[channel * width + x] = own[x] - center[channel];
            }
            memcpy(level, alpha + (size_t)y * width, sizeof(float) * width);
            INDEPENDENT
            for (int x = 0; x < width; x++) {
                level[width + x] = red[x] * red[x];
                level[2 * width + x] = red[x] * green[x];
                level[3 * width + x] = red[x] * blue[x];
                level[4 * width + x] = green[x] * green[x];
                level[5 * width + x] = green[x] * blue[x];
                level[6 * width + x] = blue[x] * blue[x];
                level[7 * width + x] = red[x] * level[x];
                level[8 * width + x] = green[x] * level[x];
                level[9 * width + x] = blue[x] * level[x];
            }
            JOINED(row_sums, VARIANT)(lines, PRODUCTS, width, radius, ring + (size_t)(y % size) * PRODUCTS * width);
        }
        int row = y - radius;
        if (row >= 0 && row < height) {
            int first = farther(row - radius, 0), last = nearer(row + radius, height - 1);
            JOINED(window_means, VARIANT)(ring, PRODUCTS, width, radius, first, last, columns, means);
            const float *m = means;
            INDEPENDENT
            for (int x = 0; x < width; x++) {
                float r = m[x], g = m[width + x], b = m[2 * width + x], p = m[3 * width + x];
                float rr = m[4 * width + x] - r * r + epsilon, rg = m[5 * width + x] - r * g;
                float rb = m[6 * width + x] - r * b, gg = m[7 * width + x] - g * g + epsilon;
                float gb = m[8 * width + x] - g * b, bb = m[9 * width + x] - b * b + epsilon;
                float cr = m[10 * width + x] - r * p, cg = m[11 * width + x] - g * p, cb = m[12 * width + x] - b * p;
                /* The inverse of a symmetric 3 x 3 matrix, written out. */
                float irr = gg * bb - gb * gb, irg = gb * rb - rg * bb, irb = rg * gb - gg * rb;
                float igg = rr * bb - rb * rb, igb = rb * rg - rr * gb, ibb = rr * gg - rg * rg;
                float scale = 1 / (rr * irr + rg * irg + rb * irb);
                float ar = (irr * cr + irg * cg + irb * cb) * scale;
                float ag = (irg * cr + igg * cg + igb * cb) * scale;
                float ab = (irb * cr + igb * cg + ibb * cb) * scale;
                slopes[x] = ar;
                slopes[width + x] = ag;
                slopes[2 * width + x] = ab;
                slopes[3 * width + x] = p - (ar * r + ag * g + ab * b);
            }
            JOINED(row_sums, VARIANT)(slopes, 4, width, radius, again + (size_t)(row % size) * 4 * width);
        }
        row = y - 2 * radius;
        if (row >= 0 && row < height) {
            int first = farther(row - radius, 0), last = nearer(row + radius, height - 1);
            JOINED(window_means, VARIANT)(again, 4, width, radius, first, last, columns, result);
            INDEPENDENT
            for (int x = 0; x < width; x++)
                result[3 * width + x] -=
                    result[x] * center[0] + result[width + x] * center[1] + result[2 * width + x] * center[2];
            for (int plane = 0; plane < 4; plane++)
                memcpy(out + plane * area + (size_t)row * width, result + plane * width, sizeof(float) * width);
        }
    }
}
