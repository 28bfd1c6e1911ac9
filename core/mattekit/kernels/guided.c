/* The guided filter; see guided.py. */

#include <string.h>

#include "kernels.h"

#define PRODUCTS 13 /* three colours, alpha, six products of colours, three of colour and alpha */

/* Sums a row over windows of 2 radius + 1 columns, from the middle outwards, at columns from..to. Around the row are at
 * least `radius` zeros. */
static inline void JOINED(row_sums, VARIANT)(const float *restrict own, int radius, int from, int to,
                                             float *restrict sum) {
    if (radius == 2) {
        INDEPENDENT
        for (int x = from; x < to; x++) sum[x] = own[x] + own[x - 1] + own[x + 1] + own[x - 2] + own[x + 2];
        return;
    }
    memcpy(sum + from, own + from, sizeof(float) * (to - from));
    for (int step = 1; step <= radius; step++) {
        INDEPENDENT
        for (int x = from; x < to; x++) sum[x] = sum[x] + own[x - step] + own[x + step];
    }
}

/* Adds up the rows of a ring that a window holds at columns from..to, and divides by how many pixels those are;
 * `columns` holds one over how many of them are in a row. */
static inline void JOINED(window_means, VARIANT)(const float *ring, size_t length, int radius, int first, int last,
                                                 const float *restrict columns, int from, int to,
                                                 float *restrict out) {
    int size = 2 * radius + 1;
    float rows = 1 / (float)(last - first + 1);
#define LINE(row) (ring + (size_t)((row) % size) * length)
    if (last - first == 4) {
        const float *one = LINE(first), *two = LINE(first + 1), *three = LINE(first + 2), *four = LINE(first + 3);
        const float *five = LINE(last);
        INDEPENDENT
        for (int x = from; x < to; x++)
            out[x] = (one[x] + two[x] + three[x] + four[x] + five[x]) * (columns[x] * rows);
        return;
    }
    memcpy(out + from, LINE(first) + from, sizeof(float) * (to - from));
    for (int row = first + 1; row <= last; row++) {
        const float *line = LINE(row);
        INDEPENDENT
        for (int x = from; x < to; x++) out[x] += line[x];
    }
#undef LINE
    INDEPENDENT
    for (int x = from; x < to; x++) out[x] *= columns[x] * rows;
}

/* Means over windows of 2 radius + 1 pixels along both axes, cut off at the borders: first along columns, then along
 * rows, each sum from the middle outwards. planes and out (count, height, width), `room` one row with twice `radius`
 * more columns. */
KERNEL(box_mean)(const float *planes, int count, int height, int width, int radius, float *room, float *out) {
    int down = nearer(radius, height - 1), across = nearer(radius, width - 1);
    memset(room, 0, sizeof(float) * (width + 2 * (size_t)radius));
    room += radius;
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
            JOINED(row_sums, VARIANT)(room, across, 0, width, out);
            INDEPENDENT
            for (int x = 0; x < width; x++)
                out[x] /= (float)(nearer(x, across) + nearer(width - 1 - x, across) + 1);
        }
    }
}

/* Runs of what is true in a row of a mask; the whole row where there is none. */
#define EACH_RUN_OF(mask, y)                                                                                \
    for (int from = 0, to; from < width && (to = (mask) ? next_run((mask) + (size_t)(y)*width, &from, width) \
                                                        : width) > from;                                    \
         from = to)

/* Fits alpha = a . guide + b in each window and averages a and b over the windows that hold a pixel.
 *
 * guide (3, height, width), alpha (height, width), center (3), out (4, height, width). Where `wanted` is given, only
 * that is written, `near` is `radius` pixels around it and `far` twice as many, and b is what gives each pixel its own
 * alpha. `room` holds (1 + 2 * 13 + 2 * 4 + (2 radius + 1) * 17) rows with twice `radius` more columns.
 */
KERNEL(linear_model)(const float *guide, const float *alpha, const float *center, const uint8_t *wanted,
                     const uint8_t *near, const uint8_t *far, int height, int width, int radius, float epsilon,
                     float *room, float *out) {
    size_t area = (size_t)height * width, pitch = (size_t)width + 2 * radius;
    int size = 2 * radius + 1;
    memset(room, 0, sizeof(float) * pitch * (35 + 17 * (size_t)size));
    float *columns = room + radius, *lines = columns + pitch, *means = lines + PRODUCTS * pitch;
    float *slopes = means + PRODUCTS * pitch, *result = slopes + 4 * pitch, *ring = result + 4 * pitch;
    float *again = ring + size * PRODUCTS * pitch;
    for (int x = 0; x < width; x++) {
        int reach = nearer(radius, width - 1);
        columns[x] = 1 / (float)(nearer(x, reach) + nearer(width - 1 - x, reach) + 1);
    }
    for (int y = 0; y < height + 2 * radius; y++) {
        if (y < height) {
            const float *colors = guide + (size_t)y * width, *levels = alpha + (size_t)y * width;
            float *line = lines, *sums = ring + (size_t)(y % size) * PRODUCTS * pitch;
            EACH_RUN_OF(far, y) {
                INDEPENDENT
                for (int x = from; x < to; x++) {
                    float red = colors[x] - center[0], green = colors[area + x] - center[1];
                    float blue = colors[2 * area + x] - center[2], level = levels[x];
                    line[x] = red, line[pitch + x] = green, line[2 * pitch + x] = blue, line[3 * pitch + x] = level;
                    line[4 * pitch + x] = red * red, line[5 * pitch + x] = red * green;
                    line[6 * pitch + x] = red * blue, line[7 * pitch + x] = green * green;
                    line[8 * pitch + x] = green * blue, line[9 * pitch + x] = blue * blue;
                    line[10 * pitch + x] = red * level, line[11 * pitch + x] = green * level;
                    line[12 * pitch + x] = blue * level;
                }
                for (int plane = 0; plane < PRODUCTS; plane++)
                    JOINED(row_sums, VARIANT)(line + plane * pitch, radius, from, to, sums + plane * pitch);
            }
        }
        int row = y - radius;
        if (row >= 0 && row < height) {
            int first = farther(row - radius, 0), last = nearer(row + radius, height - 1);
            float *m = means, *slope = slopes, *sums = again + (size_t)(row % size) * 4 * pitch;
            EACH_RUN_OF(near, row) {
                for (int plane = 0; plane < PRODUCTS; plane++)
                    JOINED(window_means, VARIANT)(ring + plane * pitch, PRODUCTS * pitch, radius, first, last, columns,
                                                  from, to, m + plane * pitch);
                INDEPENDENT
                for (int x = from; x < to; x++) {
                    float r = m[x], g = m[pitch + x], b = m[2 * pitch + x], p = m[3 * pitch + x];
                    float rr = m[4 * pitch + x] - r * r + epsilon, rg = m[5 * pitch + x] - r * g;
                    float rb = m[6 * pitch + x] - r * b, gg = m[7 * pitch + x] - g * g + epsilon;
                    float gb = m[8 * pitch + x] - g * b, bb = m[9 * pitch + x] - b * b + epsilon;
                    float cr = m[10 * pitch + x] - r * p, cg = m[11 * pitch + x] - g * p;
                    float cb = m[12 * pitch + x] - b * p;
                    /* The inverse of a symmetric 3 x 3 matrix, written out. */
                    float irr = gg * bb - gb * gb, irg = gb * rb - rg * bb, irb = rg * gb - gg * rb;
                    float igg = rr * bb - rb * rb, igb = rb * rg - rr * gb, ibb = rr * gg - rg * rg;
                    float scale = 1 / (rr * irr + rg * irg + rb * irb);
                    float ar = (irr * cr + irg * cg + irb * cb) * scale;
                    float ag = (irg * cr + igg * cg + igb * cb) * scale;
                    float ab = (irb * cr + igb * cg + ibb * cb) * scale;
                    slope[x] = ar;
                    slope[pitch + x] = ag;
                    slope[2 * pitch + x] = ab;
                    slope[3 * pitch + x] = p - (ar * r + ag * g + ab * b);
                }
                for (int plane = 0; plane < 4; plane++)
                    JOINED(row_sums, VARIANT)(slope + plane * pitch, radius, from, to, sums + plane * pitch);
            }
        }
        row = y - 2 * radius;
        if (row >= 0 && row < height) {
            int first = farther(row - radius, 0), last = nearer(row + radius, height - 1);
            const float *colors = guide + (size_t)row * width, *levels = alpha + (size_t)row * width;
            float *model = out + (size_t)row * width;
            EACH_RUN_OF(wanted, row) {
                for (int plane = 0; plane < 4; plane++)
                    JOINED(window_means, VARIANT)(again + plane * pitch, 4 * pitch, radius, first, last, columns, from,
                                                  to, result + plane * pitch);
                for (int plane = 0; plane < 3; plane++)
                    memcpy(model + plane * area + from, result + plane * pitch + from, sizeof(float) * (to - from));
                const float *red = result, *green = red + pitch, *blue = green + pitch, *shift = blue + pitch;
                float *last_plane = model + 3 * area;
                if (wanted) {
                    INDEPENDENT
                    for (int x = from; x < to; x++)
                        last_plane[x] = levels[x] - (red[x] * colors[x] + green[x] * colors[area + x] +
                                                     blue[x] * colors[2 * area + x]);
                } else {
                    INDEPENDENT
                    for (int x = from; x < to; x++)
                        last_plane[x] = shift[x] - (red[x] * center[0] + green[x] * center[1] + blue[x] * center[2]);
                }
            }
        }
    }
}
