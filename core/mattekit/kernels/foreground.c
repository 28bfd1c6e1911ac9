/* Colours of the subject and of what is behind it; see _foreground.py. */

#include <string.h>

#include "kernels.h"

/* Adds the pixels above, below, left and right to what is wanted. */
static void JOINED(spread, VARIANT)(const uint8_t *wanted, int height, int width, uint8_t *out) {
    for (int y = 0; y < height; y++) {
        const uint8_t *own = wanted + (size_t)y * width;
        const uint8_t *up = y ? own - width : own, *low = y + 1 < height ? own + width : own;
        uint8_t *result = out + (size_t)y * width;
        INDEPENDENT
        for (int x = 0; x < width; x++) result[x] = own[x] | up[x] | low[x];
        INDEPENDENT
        for (int x = 1; x < width; x++) result[x] |= own[x - 1];
        INDEPENDENT
        for (int x = 0; x < width - 1; x++) result[x] |= own[x + 1];
    }
}

/* Wants what alpha leaves soft, and its eight neighbours, which interpolation asks as well. */
static void JOINED(soft, VARIANT)(const float *alpha, int height, int width, uint8_t *line, uint8_t *out) {
    for (int y = 0; y < height; y++) {
        const float *own = alpha + (size_t)y * width;
        const float *up = y ? own - width : own, *low = y + 1 < height ? own + width : own;
        uint8_t *result = out + (size_t)y * width;
#define SOFT(value) (((value) > 0) & ((value) < 1))
        INDEPENDENT
        for (int x = 0; x < width; x++) line[x] = SOFT(own[x]) | SOFT(up[x]) | SOFT(low[x]);
#undef SOFT
        memcpy(result, line, width);
        INDEPENDENT
        for (int x = 1; x < width; x++) result[x] |= line[x - 1];
        INDEPENDENT
        for (int x = 0; x < width - 1; x++) result[x] |= line[x + 1];
    }
}

/* Wants the pixels of half the size that stand for what is wanted. */
static void JOINED(wanted_of_half, VARIANT)(const uint8_t *wanted, int height, int width, uint8_t *out) {
    int half = (width + 1) / 2;
    memset(out, 0, (size_t)half * ((height + 1) / 2));
    for (int y = 0; y < height; y++) {
        uint8_t *result = out + (size_t)(y / 2) * half;
        for (int from = 0, to; from < width; from = to) {
            to = next_run(wanted + (size_t)y * width, &from, width);
            if (from < to) memset(result + from / 2, 1, (to - 1) / 2 - from / 2 + 1);
        }
    }
}

/* Weights of the four neighbours (above, below, left, right) of foreground and background along a part of one row in
 * `pull` (4, 2, width), and of what a mixture leaves unexplained in `push` (2, width). */
static void JOINED(weigh, VARIANT)(const float *alpha, int y, int height, int width, int from, int to, float smooth,
                                   float hidden, float *pull, float *push) {
    const float *own = alpha + (size_t)y * width;
    const float *up = y ? own - width : own, *low = y + 1 < height ? own + width : own;
    float above_counts = y ? 1 : 0, below_counts = y + 1 < height ? 1 : 0;
    for (int side = 0; side < 2; side++) {
        float *weights[4];
        for (int way = 0; way < 4; way++) weights[way] = pull + (size_t)(2 * way + side) * width;
        float sign = side ? -1 : 1, base = side ? 1 : 0;
#define SHARE(value) (base + sign * (value))
#define PULL(other) ((SHARE(other) * SHARE(other) + hidden) * (((other) > own[x] ? (other)-own[x] : own[x] - (other)) + smooth))
        INDEPENDENT
        for (int x = from; x < to; x++) weights[0][x] = above_counts * PULL(up[x]);
        INDEPENDENT
        for (int x = from; x < to; x++) weights[1][x] = below_counts * PULL(low[x]);
        if (!from) weights[2][0] = 0;
        INDEPENDENT
        for (int x = farther(from, 1); x < to; x++) weights[2][x] = PULL(own[x - 1]);
        INDEPENDENT
        for (int x = from; x < nearer(to, width - 1); x++) weights[3][x] = PULL(own[x + 1]);
        if (to == width) weights[3][width - 1] = 0;
#undef PULL
#undef SHARE
    }
    float *back_push = push + width;
    INDEPENDENT
    for (int x = from; x < to; x++) {
        float total[2];
        for (int side = 0; side < 2; side++) {
            float *at = pull + side * width + x;
            float sum = most(at[0] + at[2 * width] + at[4 * width] + at[6 * width], smooth * hidden);
            float scale = 1 / sum;
            at[0] *= scale;
            at[2 * width] *= scale;
            at[4 * width] *= scale;
            at[6 * width] *= scale;
            total[side] = sum;
        }
        float front = own[x], back = 1 - front;
        float push_front = front * total[1], push_back = back * total[0];
        float divisor = 1 / (total[0] * total[1] + (push_front * front + push_back * back));
        push[x] = push_front * divisor;
        back_push[x] = push_back * divisor;
    }
}

/* Takes foreground and background (2, 3, height, width) from those of half the size, each pixel standing for four, and
 * brings them closer to the picture: image (3, height, width), alpha (height, width). */
static void JOINED(inherit_colors, VARIANT)(const float *small, const float *image, const float *alpha,
                                            const uint8_t *wanted, int height, int width, float inherit, float *both) {
    size_t area = (size_t)height * width, half = (size_t)(width + 1) / 2, small_area = half * ((height + 1) / 2);
    for (int y = 0; y < height; y++) {
        size_t row = (size_t)y * width;
        for (int first = 0, last; first < width; first = last) {
            last = next_run(wanted + row, &first, width);
            for (int channel = 0; channel < 3; channel++) {
                float *front = both + channel * area + row, *back = front + 3 * area;
                const float *seen = image + channel * area + row, *weight = alpha + row;
                const float *from = small + channel * small_area + (y / 2) * half;
                for (int x = first; x < last; x++) front[x] = from[x / 2], back[x] = from[3 * small_area + x / 2];
                INDEPENDENT
                for (int x = first; x < last; x++) {
                    float share = weight[x], rest_share = 1 - share;
                    float rest = seen[x] - share * front[x] - rest_share * back[x];
                    rest /= share * share + rest_share * rest_share + inherit;
                    front[x] += rest * share;
                    back[x] += rest * rest_share;
                }
            }
        }
    }
}

/* Brings foreground and background one step closer to the picture and to their neighbours, row by row. `room` holds
 * ten rows. */
static void JOINED(relax, VARIANT)(const float *both, const float *image, const float *alpha, const uint8_t *wanted,
                                   int height, int width, float smooth, float hidden, float *room, float *out) {
    size_t area = (size_t)height * width;
    float *pull = room, *push = room + 8 * width, *back_push = push + width;
    for (int y = 0; y < height; y++) {
        size_t row = (size_t)y * width;
        for (int from = 0, to; from < width; from = to) {
            to = next_run(wanted + row, &from, width);
            if (from == to) break;
            JOINED(weigh, VARIANT)(alpha, y, height, width, from, to, smooth, hidden, pull, push);
            for (int side = 0; side < 2; side++) {
                const float *above = pull + side * width, *below = above + 2 * width;
                const float *left = above + 4 * width, *right = above + 6 * width;
                for (int channel = 0; channel < 3; channel++) {
                    const float *own = both + (size_t)(3 * side + channel) * area + row;
                    const float *up = y ? own - width : own, *low = y + 1 < height ? own + width : own;
                    float *mean = out + (size_t)(3 * side + channel) * area + row;
                    INDEPENDENT
                    for (int x = from; x < to; x++) mean[x] = up[x] * above[x] + low[x] * below[x];
                    INDEPENDENT
                    for (int x = farther(from, 1); x < to; x++) mean[x] += own[x - 1] * left[x];
                    INDEPENDENT
                    for (int x = from; x < nearer(to, width - 1); x++) mean[x] += own[x + 1] * right[x];
                }
            }
            for (int channel = 0; channel < 3; channel++) {
                float *front = out + channel * area + row, *back = front + 3 * area;
                const float *seen = image + channel * area + row, *weight = alpha + row;
                INDEPENDENT
                for (int x = from; x < to; x++) {
                    float rest = seen[x] - front[x] * weight[x] - back[x] * (1 - weight[x]);
                    front[x] = clipped(front[x] + rest * push[x], 0, 1);
                    back[x] = clipped(back[x] + rest * back_push[x], 0, 1);
                }
            }
        }
    }
}

#define LEVELS 32 /* of a pyramid whose sides are integers */

/* Estimates foreground and background (2, 3, height, width) of image (3, height, width) and alpha (height, width): at
 * one pixel first, then at twice the size each time, in `steps` steps. Only where alpha is soft, and beside that, is
 * anything written, and at each size only what that depends on is looked at.
 *
 * `room` holds 6 planes, 4 planes of all smaller sizes, 10 rows, and in bytes steps + 2 planes and one of
 * all smaller sizes.
 */
KERNEL(estimate_colors)(const float *image, const float *alpha, int height, int width, int steps, float smooth,
                        float inherit, float hidden, float *room, float *out) {
    const float *images[LEVELS], *alphas[LEVELS];
    uint8_t *wanted[LEVELS];
    int heights[LEVELS], widths[LEVELS], last = 0;
    size_t whole = (size_t)height * width;
    float *other = room, *rows = other + 6 * whole, *next = rows + 10 * (size_t)width;
    images[0] = image, alphas[0] = alpha, heights[0] = height, widths[0] = width;
    for (; heights[last] > 1 || widths[last] > 1; last++) {
        int tall = (heights[last] + 1) / 2, wide = (widths[last] + 1) / 2;
        size_t area = (size_t)tall * wide;
        JOINED(halve, VARIANT)(images[last], 3, heights[last], widths[last], next);
        JOINED(halve, VARIANT)(alphas[last], 1, heights[last], widths[last], next + 3 * area);
        images[last + 1] = next, alphas[last + 1] = next + 3 * area;
        heights[last + 1] = tall, widths[last + 1] = wide;
        next += 4 * area;
    }
    /* What each step at the size at hand looks at, the last step first; then what is wanted of each size. */
    uint8_t *masks = (uint8_t *)next, *mask = masks + (steps + 1) * whole;
    JOINED(soft, VARIANT)(alpha, height, width, masks, mask);
#define STEP(step) (masks + (step)*whole)
#define LOOKED_AT(level)                                                                           \
    memcpy(masks, wanted[level], (size_t)heights[level] * widths[level]);                          \
    for (int step = 0; step < steps; step++)                                                       \
        JOINED(spread, VARIANT)(STEP(step), heights[level], widths[level], STEP(step + 1));
    for (int level = 0; level <= last; level++) {
        wanted[level] = mask;
        mask += (size_t)heights[level] * widths[level];
        if (level == last) break;
        LOOKED_AT(level)
        JOINED(wanted_of_half, VARIANT)(STEP(steps), heights[level], widths[level], mask);
    }
    /* Each step goes from one of two rooms to the other, the last one to the result. */
    int turns = (last + 1) * (steps + 1);
    float *from = turns % 2 ? out : other, *to = turns % 2 ? other : out;
    for (int plane = 0; plane < 6; plane++) to[plane] = images[last][plane % 3];
    for (int level = last; level >= 0; level--) {
        float *swap;
        int tall = heights[level], wide = widths[level];
        LOOKED_AT(level)
        JOINED(inherit_colors, VARIANT)(to, images[level], alphas[level], STEP(steps), tall, wide, inherit, from);
        for (int step = 0; step < steps; step++, swap = from, from = to, to = swap)
            JOINED(relax, VARIANT)(from, images[level], alphas[level], STEP(steps - 1 - step), tall, wide, smooth,
                                   hidden, rows, to);
        swap = from, from = to, to = swap;
    }
#undef STEP
#undef LOOKED_AT
}

#define FILLED(TYPE)                                                                                        \
    static void JOINED(free_##TYPE, VARIANT)(const TYPE *color, const float *alpha, const float *line,      \
                                             int pitch, int first, Axis columns, int from, int to,          \
                                             float top, TYPE *out) {                                        \
        for (int x = from; x < to; x++) {                                                                   \
            float weight = alpha[x];                                                                        \
            int level = quantized(weight, top);                                                             \
            if (level <= 0 || level >= (int)top) continue;                                                  \
            float rest = 1 - weight, gain = weight / (weight * weight + rest * rest);                       \
            float keep = 1 - gain * weight, lose = gain * rest, share = columns.share[x];                   \
            for (int channel = 0; channel < 3; channel++) {                                                 \
                const float *at = line + (size_t)channel * pitch + (columns.before[x] - first);             \
                float front = at[0] + (at[1] - at[0]) * share;                                              \
                at += 3 * (size_t)pitch;                                                                    \
                float back = at[0] + (at[1] - at[0]) * share;                                               \
                float value = (front * keep - back * lose) * top + (float)color[3 * x + channel] * gain;    \
                out[3 * x + channel] = (TYPE)(clipped(value, 0, top) + 0.5f);                               \
            }                                                                                               \
        }                                                                                                   \
    }
FILLED(uint8_t)
FILLED(uint16_t)

#define SPAN 64 /* pixels that are looked at together */

/* Alpha of one row: shares, or integers up to `top` of `depth` bytes. */
typedef struct {
    const void *values;
    int depth;
    float top;
} AlphaRow;

/* Whether any of a span may be neither 0 nor `top` as an integer. */
static int JOINED(any_soft, VARIANT)(AlphaRow of, int from, int to) {
    int found = 0;
#define ANY(TYPE, LOW, HIGH) \
    for (int x = from; x < to; x++) found |= (((const TYPE *)of.values)[x] >= LOW) & (((const TYPE *)of.values)[x] <= HIGH)
    if (of.depth == 1) {
        ANY(uint8_t, 1, 254);
    } else if (of.depth == 2) {
        ANY(uint16_t, 1, 65534);
    } else {
        float low = 0.495f / of.top, high = 1 - 0.499f / of.top;
        ANY(float, low, high);
    }
#undef ANY
    return found;
}

/* Returns a row of alpha of which a span at least is shares; `room` is for a row. */
static const float *JOINED(shares_of, VARIANT)(AlphaRow of, int from, int to, float *room) {
    float scale = 1 / of.top;
    if (of.depth == 4) return of.values;
    if (of.depth == 1)
        for (int x = from; x < to; x++) room[x] = (float)((const uint8_t *)of.values)[x] * scale;
    else
        for (int x = from; x < to; x++) room[x] = (float)((const uint16_t *)of.values)[x] * scale;
    return room;
}

/* Writes the subject's own colour wherever rows of alpha are neither 0 nor 1 at the picture's depth.
 *
 * color and out (height, width, 3) of `depth` bytes, alpha (height, width) of floats or of the picture's depth, pitches
 * in bytes; coarse (6, small_height, small_width): foreground, background. `line` is room for 6 * (small_width + 1) +
 * width floats.
 */
KERNEL(free_colors)(const void *color, ptrdiff_t color_pitch, int depth, const void *alpha, ptrdiff_t alpha_pitch,
                    int alpha_depth, int height, int width, const float *coarse, int small_height, int small_width,
                    const int32_t *rows, const float *down, const int32_t *columns, const float *across, float top,
                    float *line, void *out, ptrdiff_t out_pitch) {
    Axis axis = {columns, across};
    int pitch = small_width + 1;
    for (int y = 0; y < height; y++) {
        AlphaRow seen = {(const char *)alpha + y * alpha_pitch, alpha_depth, top};
        const char *pixels = (const char *)color + y * color_pitch;
        char *result = (char *)out + y * out_pitch;
        /* Most of a picture is neither: it is passed over a span at a time. */
        for (int from = 0, to; from < width; from = to) {
            to = nearer(from + SPAN, width);
            if (!JOINED(any_soft, VARIANT)(seen, from, to)) continue;
            while (to < width && JOINED(any_soft, VARIANT)(seen, to, nearer(to + SPAN, width)))
                to = nearer(to + SPAN, width);
            const float *own = JOINED(shares_of, VARIANT)(seen, from, to, line + 6 * (size_t)pitch);
            int first = columns[from], last = columns[to - 1];
            between_rows(coarse, 6, small_height, small_width, rows[y], down[y], first, last, line, pitch);
            if (depth == 1)
                JOINED(free_uint8_t, VARIANT)((const uint8_t *)pixels, own, line, pitch, first, axis, from, to, top,
                                              (uint8_t *)result);
            else
                JOINED(free_uint16_t, VARIANT)((const uint16_t *)pixels, own, line, pitch, first, axis, from, to, top,
                                               (uint16_t *)result);
        }
    }
}
