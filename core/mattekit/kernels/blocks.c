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
            for (int cell = 0; cell < columns; cell++) {                                                       \
                int first = cell * factor, count = nearer(factor, width - first);                              \
                uint64_t area = (uint64_t)rows * count * (sizeof(TYPE) == 1 ? 1 : 257);                        \
                if (!cell || count < factor) by = JOINED(divisor_of, VARIANT)(2 * area);                       \
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

/* The largest (`sign` 1) or least (-1) sample of step x step blocks of one plane; `room` holds a row of samples. */
#define EXTREMES(TYPE, NAME)                                                                                   \
    KERNEL(NAME)(const void *plane, ptrdiff_t pitch, int height, int width, int step, int sign,                \
                 TYPE *restrict room, TYPE *out) {                                                             \
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
            for (int first = 0; first < width; first += step) {                                                \
                int last = nearer(first + step, width);                                                        \
                TYPE value = room[first];                                                                      \
                for (int x = first + 1; x < last; x++)                                                         \
                    if (sign > 0 ? room[x] > value : room[x] < value) value = room[x];                         \
                *out++ = value;                                                                                \
            }                                                                                                  \
        }                                                                                                      \
    }
EXTREMES(uint8_t, block_extreme_8)
EXTREMES(uint16_t, block_extreme_16)
EXTREMES(float, block_extreme_float)

/* The same of one plane of floats. `room` holds width sums. */
KERNEL(block_mean_float)(const void *plane, ptrdiff_t pitch, int height, int width, int factor, float *restrict room,
                         float *out) {
    int columns = (width + factor - 1) / factor;
    for (int top = 0; top < height; top += factor) {
        int rows = nearer(factor, height - top);
        memset(room, 0, sizeof(float) * width);
        for (int row = 0; row < rows; row++) {
            const float *restrict line = (const float *)((const char *)plane + (top + row) * pitch);
            INDEPENDENT
            for (int x = 0; x < width; x++) room[x] += line[x];
        }
        for (int cell = 0; cell < columns; cell++) {
            int first = cell * factor, count = nearer(factor, width - first);
            float sum = 0;
            for (int x = 0; x < count; x++) sum += room[first + x];
            *out++ = sum / (float)(rows * count);
        }
    }
}

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
            for (int x = 0; x < width; x++) result[x] = (TYPE)(int)(clipped(line[x], 0, 1) * top + 0.5f);      \
        }                                                                                                      \
    }
QUANTIZED(uint8_t, quantize_8)
QUANTIZED(uint16_t, quantize_16)
