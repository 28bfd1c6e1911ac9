/* What all kernels share. Each source is compiled once per instruction set; VARIANT ends its names.
 *
 * Products and sums are rounded one by one, in the order in which they are written (no fused
 * multiply-add, no reordering), so that every variant and platform gives the same bits.
 */
#ifndef MATTEKIT_KERNELS_H
#define MATTEKIT_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef VARIANT
#define VARIANT
#endif
#define JOINED_(name, variant) name##variant
#define JOINED(name, variant) JOINED_(name, variant)

#if defined(_WIN32)
#define KERNEL(name) __declspec(dllexport) void JOINED(name, VARIANT)
#else
#define KERNEL(name) __attribute__((visibility("default"))) void JOINED(name, VARIANT)
#endif

/* Before a loop whose passes write nothing that another one reads or writes. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

static inline float least(float a, float b) { return a < b ? a : b; }
static inline float most(float a, float b) { return a > b ? a : b; }
static inline float clipped(float value, float low, float high) { return least(most(value, low), high); }
static inline int nearer(int a, int b) { return a < b ? a : b; }
static inline int farther(int a, int b) { return a > b ? a : b; }

/* A share in [0, 1] as an integer up to `top`, rounded to nearest. */
static inline int quantized(float share, float top) { return (int)(clipped(share, 0, 1) * top + 0.5f); }

/* Finds the next run of what is true in a row of a mask from `*from` on and returns its end; `*from` is `width` where
 * none is. */
static inline int next_run(const uint8_t *mask, int *from, int width) {
    const uint64_t all = 0x0101010101010101;
    int x = *from;
    uint64_t eight;
    for (; x + 8 <= width; x += 8) {
        memcpy(&eight, mask + x, 8);
        if (eight) break;
    }
    while (x < width && !mask[x]) x++;
    *from = x;
    for (; x + 8 <= width; x += 8) {
        memcpy(&eight, mask + x, 8);
        if (eight != all) break;
    }
    while (x < width && mask[x]) x++;
    return x;
}

/* Where pixels of a large grid lie between samples of a small one, along one axis. */
typedef struct {
    const int32_t *before; /* the sample before each pixel */
    const float *share;    /* how far beyond it, in samples */
} Axis;

/* Interpolates rows of `count` planes of (height, width) at one row, for samples first..last and one more. */
static inline void between_rows(const float *planes, int count, int height, int width, int row, float share,
                                int first, int last, float *out, int pitch) {
    size_t below = row + 1 < height ? (size_t)width : 0;
    int end = nearer(last + 1, width - 1);
    for (int plane = 0; plane < count; plane++) {
        const float *low = planes + ((size_t)plane * height + row) * width;
        const float *high = low + below;
        float *line = out + (size_t)plane * pitch;
        INDEPENDENT
        for (int x = first; x <= end; x++) line[x - first] = low[x] + (high[x] - low[x]) * share;
        if (end <= last) line[last + 1 - first] = line[end - first];
    }
}

/* Pixels of a row that are worked on side by side: one loop for each step of the work, which compilers make wide. */
#define SIDE_BY_SIDE 64

/* Interpolates along a row what `between_rows` wrote of `count` planes from sample `first` on, for up to SIDE_BY_SIDE
 * pixels from `from` on. */
static inline void between_columns(const float *line, int count, int pitch, int first, Axis columns, int from,
                                   int pixels, float out[][SIDE_BY_SIDE]) {
    const int32_t *restrict before = columns.before + from;
    const float *restrict share = columns.share + from;
    for (int plane = 0; plane < count; plane++) {
        const float *restrict own = line + (size_t)plane * pitch;
        float *restrict result = out[plane];
        INDEPENDENT
        for (int x = 0; x < pixels; x++) {
            float one = own[before[x] - first], next = own[before[x] - first + 1];
            result[x] = one + (next - one) * share[x];
        }
    }
}

#endif
