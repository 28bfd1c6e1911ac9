/* City-block distances; see nearest in matting/sampling.py. */

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
