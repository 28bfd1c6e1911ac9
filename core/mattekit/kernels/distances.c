/* City-block distances; see nearest in matting/sampling.py and diamond_dilation in imaging/morphology.py. */

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
 * or where that is null `same` from all. `left` (height, width) is room. The same two passes.
 */
KERNEL(diamond_dilation)(const uint8_t *mask, const float *reach, float same, int height, int width, int16_t *left,
                         uint8_t *out) {
    for (int y = 0; y < height; y++) {
        size_t row = (size_t)y * width;
        int16_t *own = left + row, *before = y ? own - width : own;
        for (int x = 0; x < width; x++)
            own[x] = mask[row + x] ? (int16_t)clipped(reach ? reach[row + x] : same, 0, 32000) : -1;
        if (y) {
            INDEPENDENT
            for (int x = 0; x < width; x++) own[x] = own[x] > before[x] - 1 ? own[x] : (int16_t)(before[x] - 1);
        }
        for (int x = 1; x < width; x++)
            if (own[x] < own[x - 1] - 1) own[x] = (int16_t)(own[x - 1] - 1);
        for (int x = width - 2; x >= 0; x--)
            if (own[x] < own[x + 1] - 1) own[x] = (int16_t)(own[x + 1] - 1);
    }
    for (int y = height - 1; y >= 0; y--) {
        size_t row = (size_t)y * width;
        int16_t *own = left + row, *after = own + width;
        if (y + 1 < height) {
            INDEPENDENT
            for (int x = 0; x < width; x++) own[x] = own[x] > after[x] - 1 ? own[x] : (int16_t)(after[x] - 1);
        }
        INDEPENDENT
        for (int x = 0; x < width; x++) out[row + x] = own[x] >= 0;
    }
}
