/* Resampling; see imaging/resize.py. */

#include <string.h>

#include "kernels.h"

/* Bits after the point of a weight: 8 of a sample, and 2 for filters that overshoot, are left of 32. */
#define BITS 22
/* Rows that are taken side by side, so that each weight is multiplied with many samples at once. */
#define ROWS 16
#define BLOCK 64

static inline uint8_t JOINED(sample, VARIANT)(int32_t sum) {
    int32_t value = (sum + (1 << (BITS - 1))) >> BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Resamples along rows, (height, width, channels) to (height, columns, channels).
 *
 * Column i is the sum of samples from first[i] on with the `taps` weights at i * taps, rounded to 8 bits.
 * `room` holds (width + 1) * ROWS * channels integers.
 */
KERNEL(resample_rows)(const void *pixels, ptrdiff_t pitch, int height, int width, int channels, const int32_t *first,
                      const int32_t *weights, int columns, int taps, int32_t *restrict room, uint8_t *restrict out) {
    int lanes = ROWS * channels;
    int32_t *restrict sums = room + (size_t)width * lanes;
    for (int top = 0; top < height; top += ROWS) {
        int rows = nearer(ROWS, height - top);
        if (rows < ROWS) memset(room, 0, sizeof(int32_t) * width * lanes);
        /* A block of columns at a time, whose samples stay in the nearest cache. */
        for (int left = 0; left < width; left += BLOCK) {
            int right = nearer(left + BLOCK, width);
            for (int row = 0; row < rows; row++) {
                const uint8_t *line = (const uint8_t *)pixels + (ptrdiff_t)(top + row) * pitch;
                for (int channel = 0; channel < channels; channel++) {
                    int32_t *lane = room + channel * ROWS + row;
                    for (int x = left; x < right; x++) lane[(size_t)x * lanes] = line[x * channels + channel];
                }
            }
        }
        for (int column = 0; column < columns; column++) {
            const int32_t *weight = weights + (size_t)column * taps;
            int count = nearer(taps, width - first[column]);
            memset(sums, 0, sizeof(int32_t) * lanes);
            for (int tap = 0; tap < count; tap++) {
                const int32_t *restrict samples = room + (size_t)(first[column] + tap) * lanes;
                int32_t share = weight[tap];
                INDEPENDENT
                for (int lane = 0; lane < lanes; lane++) sums[lane] += share * samples[lane];
            }
            for (int row = 0; row < rows; row++) {
                uint8_t *result = out + ((size_t)(top + row) * columns + column) * channels;
                for (int channel = 0; channel < channels; channel++)
                    result[channel] = JOINED(sample, VARIANT)(sums[channel * ROWS + row]);
            }
        }
    }
}

/* Resamples along columns, (height, length) to (rows, length), whatever a row holds; `room` holds `length` integers. */
KERNEL(resample_columns)(const uint8_t *pixels, int height, int length, const int32_t *first, const int32_t *weights,
                         int rows, int taps, int32_t *restrict room, uint8_t *restrict out) {
    for (int row = 0; row < rows; row++) {
        const int32_t *weight = weights + (size_t)row * taps;
        int count = nearer(taps, height - first[row]);
        memset(room, 0, sizeof(int32_t) * length);
        for (int tap = 0; tap < count; tap++) {
            const uint8_t *restrict line = pixels + (size_t)(first[row] + tap) * length;
            int32_t share = weight[tap];
            INDEPENDENT
            for (int x = 0; x < length; x++) room[x] += share * line[x];
        }
        uint8_t *restrict result = out + (size_t)row * length;
        INDEPENDENT
        for (int x = 0; x < length; x++) result[x] = JOINED(sample, VARIANT)(room[x]);
    }
}

/* Interpolates `count` planes (height, width) linearly at tall x wide places. `line` holds count * (width + 1) floats. */
KERNEL(upsample)(const float *planes, int count, int height, int width, const int32_t *rows, const float *down,
                 const int32_t *columns, const float *across, int tall, int wide, float *line, float *out) {
    int first = columns[0], last = columns[wide - 1];
    for (int y = 0; y < tall; y++) {
        between_rows(planes, count, height, width, rows[y], down[y], first, last, line, width + 1);
        for (int plane = 0; plane < count; plane++) {
            const float *own = line + (size_t)plane * (width + 1) - first;
            float *result = out + ((size_t)plane * tall + y) * wide;
            INDEPENDENT
            for (int x = 0; x < wide; x++) {
                const float *at = own + columns[x];
                result[x] = at[0] + (at[1] - at[0]) * across[x];
            }
        }
    }
}
