/* Distances, and masks grown by them; see nearest in matting/sampling.py, and imaging/morphology.py. */

#include <string.h>

#include "kernels.h"

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* Writes for each pixel the distance in steps across edges to the nearest true one in the upper, and that one's flat
 * index in the lower half of a key; of several nearest ones that with the smallest index, as its key is the smallest.
 * One pass forward and one back are exact for this distance.
 *
 * Rosenfeld, Pfaltz, "Sequential Operations in Digital Picture Processing", 1966, doi:10.1145/321356.321357.
 */
KERNEL(nearest_true)(const uint8_t *mask, int height, int width, int64_t *keys) {
    const int64_t step = (int64_t)1 << 32;
    int64_t never = ((int64_t)height + width) * step;
    for (int y = 0; y < height; y++) {
        int64_t *own = keys + (size_t)y * width, *before = y ? own - width : own;
        const uint8_t *here = mask + (size_t)y * width;
        int64_t start = (int64_t)y * width;
        for (int x = 0; x < width; x++) own[x] = here[x] ? start + x : never;
        if (y) {
            INDEPENDENT
            for (int x = 0; x < width; x++) own[x] = smaller(own[x], before[x] + step);
        }
        for (int x = 1; x < width; x++) own[x] = smaller(own[x], own[x - 1] + step);
        for (int x = width - 2; x >= 0; x--) own[x] = smaller(own[x], own[x + 1] + step);
    }
    for (int y = height - 2; y >= 0; y--) {
        int64_t *own = keys + (size_t)y * width, *after = own + width;
        INDEPENDENT
        for (int x = 0; x < width; x++) own[x] = smaller(own[x], after[x] + step);
    }
}

/* Writes which pixels are at most some steps across edges from a true one: `reach` (height, width) of them from each,
 * or where that is null `same` from all. `left` (height + 1, width) is room for the steps that are left at each pixel:
 * along rows at distances of 1, 2, 4, ... at once, then down and up. */
KERNEL(diamond_dilation)(const uint8_t *mask, const float *reach, float same, int height, int width, int16_t *left,
                         uint8_t *out) {
    int16_t *line = left + (size_t)height * width, all = (int16_t)clipped(same, 0, 32000);
    for (int y = 0; y < height; y++) {
        size_t row = (size_t)y * width;
        const uint8_t *own = mask + row;
        int16_t *here = left + row, *before = y ? here - width : here, farthest = -1;
        if (reach) {
            const float *each = reach + row;
            INDEPENDENT
            for (int x = 0; x < width; x++) here[x] = own[x] ? (int16_t)clipped(each[x], 0, 32000) : -1;
        } else {
            INDEPENDENT
            for (int x = 0; x < width; x++) here[x] = own[x] ? all : -1;
        }
        for (int x = 0; x < width; x++) farthest = here[x] > farthest ? here[x] : farthest;
        for (int step = 1; step <= farthest && step < width; step *= 2) {
            memcpy(line, here, sizeof(int16_t) * width);
            int16_t *back = here + step, *ahead = line + step;
            INDEPENDENT
            for (int x = 0; x < width - step; x++)
                back[x] = back[x] > line[x] - step ? back[x] : (int16_t)(line[x] - step);
            INDEPENDENT
            for (int x = 0; x < width - step; x++)
                here[x] = here[x] > ahead[x] - step ? here[x] : (int16_t)(ahead[x] - step);
        }
        INDEPENDENT
        for (int x = 0; x < width; x++) here[x] = here[x] > before[x] - 1 ? here[x] : (int16_t)(before[x] - 1);
    }
    for (int y = height - 1; y >= 0; y--) {
        size_t row = (size_t)y * width;
        int16_t *own = left + row, *after = y + 1 < height ? own + width : own;
        uint8_t *result = out + row;
        INDEPENDENT
        for (int x = 0; x < width; x++) {
            own[x] = own[x] > after[x] - 1 ? own[x] : (int16_t)(after[x] - 1);
            result[x] = own[x] >= 0;
        }
    }
}

/* Grows a mask by `reach` pixels along rows and columns. `room` (height + 2 reach, width + 2 reach) holds what is true
 * as far to the right and below as has been looked: 1, 2, 4, ... pixels. */
KERNEL(dilation)(const uint8_t *mask, int height, int width, int reach, uint8_t *room, uint8_t *out) {
    int tall = height + 2 * reach, wide = width + 2 * reach, all = 2 * reach + 1;
    memset(room, 0, (size_t)reach * wide);
    memset(room + (size_t)(tall - reach) * wide, 0, (size_t)reach * wide);
    for (int y = 0; y < height; y++) {
        uint8_t *line = room + (size_t)(y + reach) * wide;
        memset(line, 0, reach);
        memcpy(line + reach, mask + (size_t)y * width, width);
        memset(line + reach + width, 0, reach);
        for (int seen = 1, step; seen < all; seen += step) {
            step = nearer(seen, all - seen);
            INDEPENDENT
            for (int x = 0; x < wide - step; x++) line[x] |= line[x + step];
        }
    }
    for (int seen = 1, step; seen < all; seen += step) {
        step = nearer(seen, all - seen);
        for (int y = 0; y < tall - step; y++) {
            uint8_t *line = room + (size_t)y * wide, *below = line + (size_t)step * wide;
            INDEPENDENT
            for (int x = 0; x < width; x++) line[x] |= below[x];
        }
    }
    for (int y = 0; y < height; y++) memcpy(out + (size_t)y * width, room + (size_t)y * wide, width);
}
