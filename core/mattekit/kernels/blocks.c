/* Means over blocks of pixels; see imaging/resize.py. */

#include <string.h>

#include "kernels.h"

/* Division by a number that stays the same, exact to the bit for what is less than 256 times that number: a product and
 * a shift in place of the slowest instruction there is. Numbers too large for it are divided.
 *
 * Granlund, Montgomery, "Division by Invariant Integers using Multiplication", 1994, doi:10.1145/178243.178249.
 */
#define QUOTIENT_BITS 55
typedef struct {
    uint64_t divisor, factor;
} Divisor;
static inline Divisor JOINED(divisor_of, VARIANT)(uint64_t divisor) {
    Divisor by = {divisor, divisor >> 23 ? 0 : (((uint64_t)1 << QUOTIENT_BITS) - 1) / divisor + 1};
    return by;
}
static inline uint64_t JOINED(divided, VARIANT)(uint64_t value, Divisor by) {
    return by.factor ? (value * by.factor) >> QUOTIENT_BITS : value / by.divisor;
}

/* Runs a loop over whole cells of a row with a side that the compiler knows, where that is small. */
#define WHOLE_CELLS(side, LOOP)                                                                                \
    switch (side) {                                                                                            \
        case 2: LOOP(2) break;                                                                                 \
        case 3: LOOP(3) break;                                                                                 \
        case 4: LOOP(4) break;                                                                                 \
        default: LOOP(side) break;                                                                             \
    }

/* Writes means of `cells` cells of up to 4 x 4 pixels from the sums of their columns: so few that 32 bits are enough
 * for a division as above. */
#define FEW 4
#define FEW_BITS 18
static inline void JOINED(means_of_few, VARIANT)(const uint16_t *restrict sums, int cells, int side, int channels,
                                                 uint32_t area, uint8_t *restrict out) {
    uint32_t factor = ((1 << FEW_BITS) - 1) / (2 * area) + 1;
#define MEANS(side)                                                                                            \
    for (int cell = 0; cell < cells; cell++, sums += side * channels, out += channels)                         \
        for (int channel = 0; channel < channels; channel++) {                                                 \
            uint32_t sum = 0;                                                                                  \
            for (int x = 0; x < side; x++) sum += sums[x * channels + channel];                                \
            out[channel] = (uint8_t)(((2 * sum + area) * factor) >> FEW_BITS);                                 \
        }
    if (channels == 3) {
        channels = 3; /* known to the compiler from here on */
        WHOLE_CELLS(side, MEANS)
    } else {
        WHOLE_CELLS(side, MEANS)
    }
#undef MEANS
}

/* Means over factor x factor blocks of (height, width, channels), cut off at the right and bottom, rounded to 8 bits.
 *
 * `room` holds width * channels sums.
 */
#define BLOCKS(TYPE, SUM, NAME)                                                                                \
    KERNEL(NAME)(const void *pixels, ptrdiff_t pitch, int height, int width, int channels, int factor,         \
                 SUM *restrict room, uint8_t *out) {                                                           \
        int length = width * channels, columns = (width + factor - 1) / factor;                                \
        for (int top = 0; top < height; top += factor) {                                                       \
            int rows = nearer(factor, height - top);                                                           \
            const char *row = (const char *)pixels + top * pitch;                                              \
            int left = rows;                                                                                   \
            memset(room, 0, sizeof(SUM) * length);                                                             \
            /* Four rows at a time: the sums are read and written less often. */                               \
            for (; left >= 4; left -= 4, row += 4 * pitch) {                                                   \
                const TYPE *restrict one = (const TYPE *)row, *restrict two = (const TYPE *)(row + pitch);     \
                const TYPE *restrict three = (const TYPE *)(row + 2 * pitch);                                  \
                const TYPE *restrict four = (const TYPE *)(row + 3 * pitch);                                   \
                INDEPENDENT                                                                                    \
                for (int x = 0; x < length; x++)                                                               \
                    room[x] = (SUM)(room[x] + (SUM)((SUM)(one[x] + two[x]) + (SUM)(three[x] + four[x])));      \
            }                                                                                                  \
            for (; left; left--, row += pitch) {                                                               \
                const TYPE *restrict line = (const TYPE *)row;                                                 \
                INDEPENDENT                                                                                    \
                for (int x = 0; x < length; x++) room[x] = (SUM)(room[x] + line[x]);                           \
            }                                                                                                  \
            uint8_t *result = out + (size_t)(top / factor) * columns * channels;                               \
            Divisor by = {1, 0};                                                                               \
            int whole = sizeof(SUM) == 2 && factor <= FEW ? width / factor : 0;                                \
            if (whole)                                                                                         \
                JOINED(means_of_few, VARIANT)((const uint16_t *)room, whole, factor, channels,                 \
                                              (uint32_t)(rows * factor), result);                              \
            for (int cell = whole; cell < columns; cell++) {                                                   \
                int first = cell * factor, count = nearer(factor, width - first);                              \
                uint64_t area = (uint64_t)rows * count * (sizeof(TYPE) == 1 ? 1 : 257);                        \
                if (cell == whole || count < factor) by = JOINED(divisor_of, VARIANT)(2 * area);                       \
                const SUM *restrict sums = room + (size_t)first * channels;                                    \
                uint8_t *restrict mean = result + (size_t)cell * channels;                                     \
                for (int channel = 0; channel < channels; channel++, sums++) {                                 \
                    uint64_t sum = 0;                                                                          \
                    for (int x = 0; x < count * channels; x += channels) sum += sums[x];                       \
                    mean[channel] = (uint8_t)JOINED(divided, VARIANT)(2 * sum + area, by);                       \
                }                                                                                              \
            }                                                                                                  \
        }                                                                                                      \
    }
BLOCKS(uint8_t, uint32_t, block_mean_8)
BLOCKS(uint16_t, uint32_t, block_mean_16)
/* Of blocks of up to 257 rows, whose sums fit: twice as many at a time. */
BLOCKS(uint8_t, uint16_t, block_mean_8_short)

#define EXTREME(side, IS)                                                                                      \
    INDEPENDENT                                                                                                \
    for (int cell = 0; cell < cells; cell++) {                                                                 \
        out[cell] = room[cell * (side)];                                                                       \
        for (int x = 1; x < (side); x++)                                                                       \
            out[cell] = room[cell * (side) + x] IS out[cell] ? room[cell * (side) + x] : out[cell];            \
    }
#define LARGEST(side) EXTREME(side, >)
#define LEAST(side) EXTREME(side, <)

/* The largest (`sign` 1) or least (-1) sample of step x step blocks of one plane; `room` holds a row of samples. */
#define EXTREMES(TYPE, NAME)                                                                                   \
    KERNEL(NAME)(const void *plane, ptrdiff_t pitch, int height, int width, int step, int sign,                \
                 TYPE *restrict room, TYPE *restrict out) {                                                    \
        for (int top = 0; top < height; top += step) {                                                         \
            int rows = nearer(step, height - top);                                                             \
            memcpy(room, (const char *)plane + top * pitch, sizeof(TYPE) * width);                             \
            for (int row = 1; row < rows; row++) {                                                             \
                const TYPE *restrict line = (const TYPE *)((const char *)plane + (top + row) * pitch);         \
                if (sign > 0) {                                                                                \
                    INDEPENDENT                                                                                \
                    for (int x = 0; x < width; x++) room[x] = line[x] > room[x] ? line[x] : room[x];           \
                } else {                                                                                       \
                    INDEPENDENT                                                                                \
                    for (int x = 0; x < width; x++) room[x] = line[x] < room[x] ? line[x] : room[x];           \
                }                                                                                              \
            }                                                                                                  \
            int cells = width / step;                                                                          \
            if (sign > 0) {                                                                                    \
                WHOLE_CELLS(step, LARGEST)                                                                     \
            } else {                                                                                           \
                WHOLE_CELLS(step, LEAST)                                                                       \
            }                                                                                                  \
            out += cells;                                                                                      \
            if (cells * step == width) continue;                                                               \
            *out = room[cells * step];                                                                         \
            for (int x = cells * step + 1; x < width; x++)                                                     \
                if (sign > 0 ? room[x] > *out : room[x] < *out) *out = room[x];                                \
            out++;                                                                                             \
        }                                                                                                      \
    }
EXTREMES(uint8_t, block_extreme_8)
EXTREMES(uint16_t, block_extreme_16)
EXTREMES(float, block_extreme_float)

#define MEAN_SHARES(side)                                                    \
    INDEPENDENT                                                              \
    for (int cell = 0; cell < cells; cell++) {                               \
        Total sum = 0;                                                       \
        for (int x = 0; x < (side); x++) sum += room[cell * (side) + x];     \
        out[cell] = (float)sum / area;                                       \
    }

/* Means of one plane of alpha over factor x factor blocks, as shares of the largest value. `room` holds width sums. */
#define SHARES(TYPE, SUM, TOTAL, TOP, NAME)                                                                    \
    KERNEL(NAME)(const void *plane, ptrdiff_t pitch, int height, int width, int factor, SUM *restrict room,    \
                 float *restrict out) {                                                                        \
        typedef TOTAL Total;                                                                                   \
        int cells = width / factor, rest = width - cells * factor;                                             \
        for (int top = 0; top < height; top += factor, out += cells + (rest > 0)) {                            \
            int rows = nearer(factor, height - top);                                                           \
            float area = (float)((double)TOP * rows * factor);                                                 \
            memset(room, 0, sizeof(SUM) * width);                                                              \
            for (int row = 0; row < rows; row++) {                                                             \
                const TYPE *restrict line = (const TYPE *)((const char *)plane + (top + row) * pitch);         \
                INDEPENDENT                                                                                    \
                for (int x = 0; x < width; x++) room[x] = (SUM)(room[x] + line[x]);                            \
            }                                                                                                  \
            WHOLE_CELLS(factor, MEAN_SHARES)                                                                   \
            if (!rest) continue;                                                                               \
            Total sum = 0;                                                                                     \
            for (int x = cells * factor; x < width; x++) sum += room[x];                                       \
            out[cells] = (float)sum / (float)((double)TOP * rows * rest);                                      \
        }                                                                                                      \
    }
SHARES(float, float, float, 1, block_share_float)
SHARES(uint8_t, uint32_t, uint64_t, UINT8_MAX, block_share_8)
SHARES(uint16_t, uint32_t, uint64_t, UINT16_MAX, block_share_16)
/* Of blocks of up to 257 rows, as above. */
SHARES(uint8_t, uint16_t, uint32_t, UINT8_MAX, block_share_8_short)

/* Means over 2 x 2 blocks of `count` planes (height, width); an odd last row or column counts twice. */
KERNEL(halve)(const float *planes, int count, int height, int width, float *out) {
    int columns = (width + 1) / 2, whole = width / 2;
    for (int plane = 0; plane < count; plane++) {
        for (int y = 0; y < height; y += 2) {
            const float *restrict one = planes + ((size_t)plane * height + y) * width;
            const float *restrict two = y + 1 < height ? one + width : one;
            INDEPENDENT
            for (int x = 0; x < whole; x++)
                out[x] = ((one[2 * x] + two[2 * x]) + (one[2 * x + 1] + two[2 * x + 1])) * 0.25f;
            if (whole < columns) out[whole] = (one[width - 1] + two[width - 1]) * 0.5f;
            out += columns;
        }
    }
}

/* Takes the three channels of pixels apart and scales them. */
#define APART(TYPE, NAME)                                                                                      \
    KERNEL(NAME)(const void *pixels, ptrdiff_t pitch, int height, int width, float scale, float *out) {        \
        size_t area = (size_t)height * width;                                                                  \
        for (int y = 0; y < height; y++) {                                                                     \
            const TYPE *restrict line = (const TYPE *)((const char *)pixels + y * pitch);                      \
            float *restrict red = out + (size_t)y * width;                                                     \
            INDEPENDENT                                                                                        \
            for (int x = 0; x < width; x++) {                                                                  \
                red[x] = (float)line[3 * x] * scale;                                                           \
                red[area + x] = (float)line[3 * x + 1] * scale;                                                \
                red[2 * area + x] = (float)line[3 * x + 2] * scale;                                            \
            }                                                                                                  \
        }                                                                                                      \
    }
APART(uint8_t, planes_8)
APART(uint16_t, planes_16)

/* Writes a plane of floats in [0, 1] as integers up to `top`, rounded to nearest. */
#define QUANTIZED(TYPE, NAME)                                                                                  \
    KERNEL(NAME)(const void *plane, ptrdiff_t pitch, int height, int width, float top, TYPE *out) {            \
        for (int y = 0; y < height; y++) {                                                                     \
            const float *restrict line = (const float *)((const char *)plane + y * pitch);                     \
            TYPE *restrict result = out + (size_t)y * width;                                                   \
            INDEPENDENT                                                                                        \
            for (int x = 0; x < width; x++) result[x] = (TYPE)quantized(line[x], top);                         \
        }                                                                                                      \
    }
QUANTIZED(uint8_t, quantize_8)
QUANTIZED(uint16_t, quantize_16)

/* Puts colours (height, width, 3) and alpha (height, width) together, pixel by pixel; unless `keep`, black where alpha
 * is 0. FOUR is as large as four samples. */
#define MASKED(TYPE, FOUR, NAME)                                                                               \
    KERNEL(NAME)(const void *color, ptrdiff_t color_pitch, const void *alpha, ptrdiff_t alpha_pitch,           \
                 int height, int width, int keep, TYPE *restrict out) {                                        \
        const FOUR kept = keep ? (FOUR)-1 : 0;                                                                 \
        for (int y = 0; y < height; y++) {                                                                     \
            const TYPE *restrict seen = (const TYPE *)((const char *)color + y * color_pitch);                 \
            const TYPE *restrict share = (const TYPE *)((const char *)alpha + y * alpha_pitch);                \
            int left = width;                                                                                  \
            for (; left > 8; left -= 8, seen += 24, share += 8, out += 32) {                                   \
                uint64_t some, more;                                                                           \
                memcpy(&some, share, 8), memcpy(&more, share + 8 - 8 / sizeof(TYPE), 8);                       \
                if (!(some | more | kept)) { /* as often */                                                    \
                    memset(out, 0, 32 * sizeof(TYPE));                                                         \
                    continue;                                                                                  \
                }                                                                                              \
                for (int x = 0; x < 8; x++) {                                                                  \
                    FOUR own; /* and a sample of the next pixel, in whose place alpha is put */                \
                    memcpy(&own, seen + 3 * x, sizeof(FOUR));                                                  \
                    own &= (share[x] ? (FOUR)-1 : 0) | kept;                                                   \
                    memcpy(out + 4 * x, &own, sizeof(FOUR));                                                   \
                    out[4 * x + 3] = share[x];                                                                 \
                }                                                                                              \
            }                                                                                                  \
            for (; left; left--, seen += 3, share++, out += 4) {                                               \
                for (int channel = 0; channel < 3; channel++) out[channel] = *share || keep ? seen[channel] : 0; \
                out[3] = *share;                                                                               \
            }                                                                                                  \
        }                                                                                                      \
    }
MASKED(uint8_t, uint32_t, masked_8)
MASKED(uint16_t, uint64_t, masked_16)
