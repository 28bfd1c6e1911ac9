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

/* Writes samples of two lines by turns. */
static inline void JOINED(by_turns, VARIANT)(const uint8_t *restrict one, const uint8_t *restrict two, int count,
                                             uint8_t *restrict out) {
    INDEPENDENT
    for (int i = 0; i < count; i++) out[2 * i] = one[i], out[2 * i + 1] = two[i];
}

/* Writes ROWS rows of `length` bytes column by column: (length, ROWS). Rows from `rows` on hold anything.
 *
 * Of lines that are half of all apart one is made that has both by turns; what is half as many lines then is one line of
 * columns in the end. */
static void JOINED(columns_of, VARIANT)(const uint8_t *pixels, ptrdiff_t pitch, int rows, int length,
                                        int32_t *restrict out) {
    uint8_t lines[ROWS * BLOCK], turned[ROWS * BLOCK];
    for (int left = 0; left < length; left += BLOCK, pixels += BLOCK, out += ROWS * BLOCK) {
        int wide = nearer(BLOCK, length - left);
        for (int row = 0; row < ROWS / 2; row++) {
            const uint8_t *one = pixels + nearer(row, rows - 1) * pitch;
            const uint8_t *two = pixels + nearer(row + ROWS / 2, rows - 1) * pitch;
            JOINED(by_turns, VARIANT)(one, two, wide, lines + row * 2 * BLOCK);
        }
        uint8_t *from = lines, *to = turned, *swap;
        for (int many = ROWS / 4, each = 2 * wide, apart = 2 * BLOCK; many; many /= 2, each *= 2, apart *= 2) {
            for (int line = 0; line < many; line++)
                JOINED(by_turns, VARIANT)(from + line * apart, from + (line + many) * apart, each,
                                          to + line * 2 * apart);
            swap = from, from = to, to = swap;
        }
        INDEPENDENT
        for (int i = 0; i < wide * ROWS; i++) out[i] = from[i];
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

/* Resamples a plane `width` wide along columns, then along rows: row i is the sum of `high` rows from rows[i] on with the
 * weights at down[i * high], columns likewise. `line` holds a row. */
KERNEL(resize_plane)(const float *plane, int width, const int32_t *rows, const float *down, int tall, int high,
                     const int32_t *columns, const float *across, int wide, int broad, float *restrict line,
                     float *restrict out) {
    for (int row = 0; row < tall; row++, out += wide) {
        const float *own = plane + (size_t)rows[row] * width, *share = down + (size_t)row * high;
        INDEPENDENT
        for (int x = 0; x < width; x++) line[x] = own[x] * share[0];
        for (int tap = 1; tap < high; tap++) {
            own += width;
            INDEPENDENT
            for (int x = 0; x < width; x++) line[x] += own[x] * share[tap];
        }
#define SUMS(taps)                                                                            \
    for (int column = 0; column < wide; column++) {                                           \
        const float *from = line + columns[column], *weight = across + (size_t)column * taps; \
        float sum = 0;                                                                        \
        for (int tap = 0; tap < taps; tap++) sum += from[tap] * weight[tap];                  \
        out[column] = sum;                                                                    \
    }
        WHOLE_CELLS(broad, SUMS)
#undef SUMS
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
