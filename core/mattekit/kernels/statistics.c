/* Numbers that describe planes and masks as a whole, or around each pixel; see _segment.py, calibration.py, evidence.py and
 * trimap.py in matting/. */

#include <string.h>

#include "kernels.h"

#define LANES 8 /* sums that are added to by turns */

static inline double JOINED(total, VARIANT)(const double *lanes) {
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/* Adds values of a row, less an origin, and their squares to sums. */
static inline void JOINED(add_squares, VARIANT)(const float *one, const float *two, int count, double *restrict sums,
                                                double *restrict squares) {
    double sum[LANES] = {0}, square[LANES] = {0};
    int x = 0;
    for (; x + LANES <= count; x += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            double value = (double)one[x + lane] - (two ? two[x + lane] : 0);
            sum[lane] += value, square[lane] += value * value;
        }
    for (; x < count; x++) {
        double value = (double)one[x] - (two ? two[x] : 0);
        sum[x % LANES] += value, square[x % LANES] += value * value;
    }
    *sums += JOINED(total, VARIANT)(sum), *squares += JOINED(total, VARIANT)(square);
}

/* Writes of a plane (height, width): least and largest value, how many exceed a line, variance, and the sums of squared
 * differences of neighbours along columns and along rows. All are 0 where a value is not finite. */
KERNEL(describe_plane)(const float *plane, int height, int width, float line, double *out) {
    float low = plane[0], high = plane[0];
    double sum = 0, squares = 0, down = 0, across = 0, unused = 0;
    int32_t above = 0, odd = 0;
    for (int y = 0; y < height; y++) {
        const float *own = plane + (size_t)y * width;
        INDEPENDENT
        for (int x = 0; x < width; x++) odd |= !(own[x] - own[x] == 0), above += own[x] > line;
        for (int x = 0; x < width; x++) low = own[x] < low ? own[x] : low;
        for (int x = 0; x < width; x++) high = own[x] > high ? own[x] : high;
        JOINED(add_squares, VARIANT)(own, 0, width, &sum, &squares);
        if (y) JOINED(add_squares, VARIANT)(own, own - width, width, &unused, &down);
        JOINED(add_squares, VARIANT)(own + 1, own, width - 1, &unused, &across);
    }
    double count = (double)height * width, mean = sum / count;
    const double found[6] = {low, high, above, squares / count - mean * mean, down, across};
    for (int i = 0; i < 6; i++) out[i] = odd ? 0 : found[i];
}

/* Writes the sums of what reaches a line and of what does not, and how many reach it. */
KERNEL(split_sums)(const float *values, int count, float line, double *out) {
    double above[LANES] = {0}, below[LANES] = {0};
    int32_t reached = 0;
    int x = 0;
    for (; x + LANES <= count; x += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            double value = values[x + lane];
            above[lane] += values[x + lane] >= line ? value : 0, below[lane] += values[x + lane] >= line ? 0 : value;
        }
    for (; x < count; x++) *(values[x] >= line ? above : below) += values[x];
    INDEPENDENT
    for (x = 0; x < count; x++) reached += values[x] >= line;
    out[0] = JOINED(total, VARIANT)(above), out[1] = JOINED(total, VARIANT)(below), out[2] = reached;
}

/* Moves a window of 2 radius + 1 rows down to row y of a mask (height, width): `columns` holds what it counts in each
 * column, at most 255. Rows follow each other from 0 on, and nothing is counted before. */
static inline void JOINED(slide, VARIANT)(const uint8_t *mask, int y, int height, int width, int radius,
                                          uint8_t *columns) {
    int first = y ? y + radius : 0, last = nearer(y + radius, height - 1), gone = y - radius - 1;
    for (int row = first; row <= last; row++) {
        const uint8_t *own = mask + (size_t)row * width;
        INDEPENDENT
        for (int x = 0; x < width; x++) columns[x] = (uint8_t)(columns[x] + own[x]);
    }
    if (gone < 0) return;
    const uint8_t *own = mask + (size_t)gone * width;
    INDEPENDENT
    for (int x = 0; x < width; x++) columns[x] = (uint8_t)(columns[x] - own[x]);
}

/* How many pixels of a picture are in a window around one. */
static inline int JOINED(within, VARIANT)(int at, int length, int radius) {
    return nearer(at, radius) + nearer(length - 1 - at, radius) + 1;
}

/* Writes means over the windows around a row from what they count in each column. `line` is room for a row with `radius`
 * zeros on both sides. */
static inline void JOINED(mean_of_columns, VARIANT)(const uint8_t *columns, int y, int height, int width, int radius,
                                                    float *line, float *out) {
    float rows = (float)JOINED(within, VARIANT)(y, height, radius);
    INDEPENDENT
    for (int x = 0; x < width; x++) line[x] = (float)columns[x] / rows;
    JOINED(row_sums, VARIANT)(line, radius, 0, width, out);
    INDEPENDENT
    for (int x = 0; x < width; x++) out[x] /= (float)JOINED(within, VARIANT)(x, width, radius);
}

/* Writes how soft edges are: how wide what wavers (between `low` and `high`) is around each pixel of alpha (height,
 * width), 0 up to `hard` and 1 from `soft` pixels on. That is its area in windows of at most 255 pixels against the
 * length of the outline there, of which one pixel in a whole window is the least there can be. `room` holds 2 planes
 * and 2 rows, `lines` 3 rows with twice `radius` more columns. */
KERNEL(edge_softness)(const float *alpha, int height, int width, int radius, float low, float high, float hard,
                      float soft, uint8_t *room, float *lines, float *out) {
    size_t area = (size_t)height * width, pitch = (size_t)width + 2 * radius;
    uint8_t *wavering = room, *outline = wavering + area, *one = outline + area, *two = one + width;
    float *line = lines + radius, *areas = line + pitch, *lengths = areas + pitch;
    memset(one, 0, 2 * (size_t)width);
    memset(lines, 0, sizeof(float) * 3 * pitch);
    for (int y = 0; y < height; y++) {
        const float *own = alpha + (size_t)y * width, *up = y ? own - width : own;
        uint8_t *wavers = wavering + (size_t)y * width, *edge = outline + (size_t)y * width;
        INDEPENDENT
        for (int x = 0; x < width; x++) {
            wavers[x] = (own[x] > low) & (own[x] < high);
            edge[x] = (own[x] >= 0.5f) != (up[x] >= 0.5f);
        }
        INDEPENDENT
        for (int x = 1; x < width; x++) edge[x] |= (own[x] >= 0.5f) != (own[x - 1] >= 0.5f);
    }
    float smallest = 1 / (float)((2 * radius + 1) * (2 * radius + 1));
    for (int y = 0; y < height; y++, out += width) {
        JOINED(slide, VARIANT)(wavering, y, height, width, radius, one);
        JOINED(slide, VARIANT)(outline, y, height, width, radius, two);
        JOINED(mean_of_columns, VARIANT)(one, y, height, width, radius, line, areas);
        JOINED(mean_of_columns, VARIANT)(two, y, height, width, radius, line, lengths);
        INDEPENDENT
        for (int x = 0; x < width; x++)
            out[x] = clipped((areas[x] / most(lengths[x], smallest) - hard) / (soft - hard), 0, 1);
    }
}

/* Writes the colour of each pixel as a number of 3 x 3 bits, and how often each is where `front` and `back` are. A colour
 * counts twice along each axis, and once for its neighbours there. */
KERNEL(count_colors)(const uint8_t *colors, int count, const uint8_t *front, const uint8_t *back, int32_t *counts,
                     uint16_t *codes) {
    int32_t seen[2 * 512] = {0};
    INDEPENDENT
    for (int i = 0; i < count; i++)
        codes[i] = (uint16_t)((colors[3 * i] >> 5) << 6 | (colors[3 * i + 1] >> 5) << 3 | colors[3 * i + 2] >> 5);
    for (int i = 0; i < count; i++) seen[codes[i]] += front[i], seen[512 + codes[i]] += back[i];
    for (int step = 1; step < 512; step *= 8) {
        for (int i = 0; i < 2 * 512; i++) {
            int at = i / step % 8;
            counts[i] = 2 * seen[i] + (at > 0 ? seen[i - step] : 0) + (at < 7 ? seen[i + step] : 0);
        }
        memcpy(seen, counts, sizeof(seen));
    }
}

/* Writes where windows of at most 255 pixels hold at least a share of pixels of either kind: `kinds` says of each code
 * whether it is of the first (1), the second (2) or none. `room` and `lines` as for edge_softness. */
KERNEL(find_alternating)(const uint16_t *codes, const uint8_t *kinds, int height, int width, int radius, float share,
                         uint8_t *room, float *lines, uint8_t *out) {
    size_t area = (size_t)height * width, pitch = (size_t)width + 2 * radius;
    uint8_t *first = room, *second = first + area, *one = second + area, *two = one + width;
    float *line = lines + radius, *ones = line + pitch, *twos = ones + pitch;
    memset(one, 0, 2 * (size_t)width);
    memset(lines, 0, sizeof(float) * 3 * pitch);
    for (size_t i = 0; i < area; i++) {
        uint8_t kind = kinds[codes[i]];
        first[i] = kind & 1, second[i] = kind >> 1;
    }
    for (int y = 0; y < height; y++, out += width) {
        JOINED(slide, VARIANT)(first, y, height, width, radius, one);
        JOINED(slide, VARIANT)(second, y, height, width, radius, two);
        JOINED(mean_of_columns, VARIANT)(one, y, height, width, radius, line, ones);
        JOINED(mean_of_columns, VARIANT)(two, y, height, width, radius, line, twos);
        INDEPENDENT
        for (int x = 0; x < width; x++) out[x] = (ones[x] >= share) & (twos[x] >= share);
    }
}
