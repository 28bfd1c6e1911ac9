/* Resampling; see imaging/resize.py. */

#include <string.h>

#include "kernels.h"

/* Bits after the point of a weight: 8 of a sample, and 2 for filters that overshoot, are left of 32. */
#define BITS 22
/* Rows that are taken side by side, so that each weight is multiplied with many samples at once. */
#define ROWS 16
#define EIGHT 8
#define BLOCK 128 /* samples of a row that are turned at once */

typedef int32_t Eight __attribute__((vector_size(32), aligned(4), may_alias));

/* A sample from a sum: the bits after the point rounded off, then kept to 0..255. */
static inline int32_t JOINED(sample, VARIANT)(int32_t sum) {
    int32_t value = (sum + (1 << (BITS - 1))) >> BITS;
    return nearer(farther(value, 0), 255);
}

static inline void JOINED(round_all, VARIANT)(int32_t *sums) {
    INDEPENDENT
    for (int row = 0; row < ROWS; row++) sums[row] = JOINED(sample, VARIANT)(sums[row]);
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#define TURNS 0 /* bytes one by one */
#else
#define TURNS 1
#endif

/* Turns eight rows of eight bytes, the first of which is the least of a number, into columns.
 *
 * Warren, "Hacker's Delight", 2012, chapter 7 (of bits). */
static inline void JOINED(turned, VARIANT)(uint64_t *at) {
    const uint64_t masks[3] = {0x00000000ffffffff, 0x0000ffff0000ffff, 0x00ff00ff00ff00ff};
    for (int step = EIGHT / 2, stage = 0; step; step /= 2, stage++)
        for (int first = 0; first < EIGHT; first += 2 * step)
            for (int row = first; row < first + step; row++) {
                uint64_t moved = ((at[row] >> (8 * step)) ^ at[row + step]) & masks[stage];
                at[row + step] ^= moved;
                at[row] ^= moved << (8 * step);
            }
}

/* Writes ROWS rows of `length` bytes column by column: (length, ROWS). Rows from `rows` on hold anything. */
static void JOINED(columns_of, VARIANT)(const uint8_t *pixels, ptrdiff_t pitch, int rows, int length,
                                        int32_t *restrict out) {
    uint8_t block[BLOCK * ROWS] = {0};
    for (int left = 0; left < length; left += BLOCK, pixels += BLOCK) {
        int right = nearer(BLOCK, length - left), x;
        for (int top = 0; top < rows; top += EIGHT) {
            int high = nearer(EIGHT, rows - top), turns = TURNS && high == EIGHT;
            const uint8_t *line = pixels + top * pitch;
            for (x = 0; turns && x + EIGHT <= right; x += EIGHT) {
                uint64_t eight[EIGHT];
                for (int row = 0; row < EIGHT; row++) memcpy(eight + row, line + row * pitch + x, EIGHT);
                JOINED(turned, VARIANT)(eight);
                for (int column = 0; column < EIGHT; column++)
                    memcpy(block + (x + column) * ROWS + top, eight + column, EIGHT);
            }
            for (; x < right; x++)
                for (int row = 0; row < high; row++) block[x * ROWS + top + row] = line[row * pitch + x];
        }
        int32_t *restrict result = out + (size_t)left * ROWS;
        INDEPENDENT
        for (int i = 0; i < right * ROWS; i++) result[i] = block[i];
    }
}

/* Resamples along rows, (height, width, channels) to (height, columns, channels).
 *
 * Column i is the sum of samples from first[i] on with the `taps` weights at i * taps, rounded to 8 bits.
 * `room` holds width * channels * ROWS integers.
 */
KERNEL(resample_rows)(const void *pixels, ptrdiff_t pitch, int height, int width, int channels, const int32_t *first,
                      const int32_t *weights, int columns, int taps, int32_t *restrict room, uint8_t *restrict out) {
    size_t lanes = (size_t)ROWS * channels, step = (size_t)columns * channels;
    for (int top = 0; top < height; top += ROWS) {
        int rows = nearer(ROWS, height - top);
        JOINED(columns_of, VARIANT)((const uint8_t *)pixels + top * pitch, pitch, rows, width * channels, room);
        for (int column = 0; column < columns; column++) {
            const int32_t *weight = weights + (size_t)column * taps;
            int count = nearer(taps, width - first[column]);
            uint8_t *result = out + ((size_t)top * columns + column) * channels;
            for (int channel = 0; channel < channels; channel++) {
                const int32_t *samples = room + first[column] * lanes + (size_t)channel * ROWS;
                Eight low = {0}, high = {0};
                for (int tap = 0; tap < count; tap++, samples += lanes) {
                    low += weight[tap] * *(const Eight *)samples;
                    high += weight[tap] * *(const Eight *)(samples + EIGHT);
                }
                int32_t each[ROWS];
                *(Eight *)each = low;
                *(Eight *)(each + EIGHT) = high;
                uint8_t *sample = result + channel;
                JOINED(round_all, VARIANT)(each);
                for (int row = 0; row < rows; row++, sample += step) *sample = (uint8_t)each[row];
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
        for (int x = 0; x < length; x++) result[x] = (uint8_t)JOINED(sample, VARIANT)(room[x]);
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
