/* Colours of the subject and of what is behind it; see _foreground.py. */

#include "kernels.h"

/* Weights of the four neighbours (above, below, left, right) of foreground and background in `pull`
 * (4, 2, height, width), and of what a mixture leaves unexplained in `push` (2, height, width). */
static void JOINED(weigh, VARIANT)(const float *alpha, int height, int width, float smooth, float hidden, float *pull,
                                   float *push) {
    size_t area = (size_t)height * width;
    for (int y = 0; y < height; y++) {
        const float *own = alpha + (size_t)y * width;
        const float *up = y ? own - width : own, *low = y + 1 < height ? own + width : own;
        float above_counts = y ? 1 : 0, below_counts = y + 1 < height ? 1 : 0;
        for (int side = 0; side < 2; side++) {
            float *weights[4];
            for (int way = 0; way < 4; way++) weights[way] = pull + (size_t)(2 * way + side) * area + (size_t)y * width;
            float sign = side ? -1 : 1, base = side ? 1 : 0;
#define SHARE(value) (base + sign * (value))
#define PULL(other) ((SHARE(other) * SHARE(other) + hidden) * (((other) > own[x] ? (other)-own[x] : own[x] - (other)) + smooth))
            INDEPENDENT
            for (int x = 0; x < width; x++) weights[0][x] = above_counts * PULL(up[x]);
            INDEPENDENT
            for (int x = 0; x < width; x++) weights[1][x] = below_counts * PULL(low[x]);
            weights[2][0] = 0;
            INDEPENDENT
            for (int x = 1; x < width; x++) weights[2][x] = PULL(own[x - 1]);
            INDEPENDENT
            for (int x = 0; x < width - 1; x++) weights[3][x] = PULL(own[x + 1]);
            weights[3][width - 1] = 0;
#undef PULL
#undef SHARE
        }
        float *front_push = push + (size_t)y * width, *back_push = front_push + area;
        INDEPENDENT
        for (int x = 0; x < width; x++) {
            float total[2];
            for (int side = 0; side < 2; side++) {
                float *at = pull + (size_t)side * area + (size_t)y * width + x;
                float sum = most(at[0] + at[2 * area] + at[4 * area] + at[6 * area], smooth * hidden);
                float scale = 1 / sum;
                at[0] *= scale;
                at[2 * area] *= scale;
                at[4 * area] *= scale;
                at[6 * area] *= scale;
                total[side] = sum;
            }
            float front = own[x], back = 1 - front;
            float push_front = front * total[1], push_back = back * total[0];
            float divisor = 1 / (total[0] * total[1] + (push_front * front + push_back * back));
            front_push[x] = push_front * divisor;
            back_push[x] = push_back * divisor;
        }
    }
}

/* Brings foreground and background closer to the picture and to their neighbours, `steps` times.
 *
 * both (2, 3, height, width) is read and written, image (3, height, width), alpha (height, width); `room` holds
 * (8 + 2 + 6) planes.
 */
KERNEL(relax)(float *both, const float *image, const float *alpha, int height, int width, int steps, float smooth,
              float inherit, float hidden, float *room) {
    size_t area = (size_t)height * width;
    float *pull = room, *push = room + 8 * area, *mean = room + 10 * area;
    JOINED(weigh, VARIANT)(alpha, height, width, smooth, hidden, pull, push);
    for (int channel = 0; channel < 3; channel++) {
        float *front = both + channel * area, *back = front + 3 * area;
        const float *seen = image + channel * area;
        INDEPENDENT
        for (size_t i = 0; i < area; i++) {
            float share = alpha[i], rest_share = 1 - share;
            float rest = seen[i] - share * front[i] - rest_share * back[i];
            rest /= share * share + rest_share * rest_share + inherit;
            front[i] += rest * share;
            back[i] += rest * rest_share;
        }
    }
    float *from = both, *to = mean;
    for (int step = 0; step < steps; step++) {
        for (int side = 0; side < 2; side++) {
            for (int channel = 0; channel < 3; channel++) {
                const float *plane = from + (size_t)(3 * side + channel) * area;
                float *result = to + (size_t)(3 * side + channel) * area;
                for (int y = 0; y < height; y++) {
                    size_t row = (size_t)y * width;
                    const float *own = plane + row;
                    const float *up = y ? own - width : own, *low = y + 1 < height ? own + width : own;
                    const float *above = pull + side * area + row, *below = above + 2 * area;
                    const float *left = above + 4 * area, *right = above + 6 * area;
                    float *out = result + row;
                    INDEPENDENT
                    for (int x = 0; x < width; x++) out[x] = up[x] * above[x] + low[x] * below[x];
                    INDEPENDENT
                    for (int x = 1; x < width; x++) out[x] += own[x - 1] * left[x];
                    INDEPENDENT
                    for (int x = 0; x < width - 1; x++) out[x] += own[x + 1] * right[x];
                }
            }
        }
        for (int channel = 0; channel < 3; channel++) {
            float *front = to + channel * area, *back = front + 3 * area;
            const float *seen = image + channel * area, *push_back = push + area;
            INDEPENDENT
            for (size_t i = 0; i < area; i++) {
                float rest = seen[i] - front[i] * alpha[i] - back[i] * (1 - alpha[i]);
                front[i] = clipped(front[i] + rest * push[i], 0, 1);
                back[i] = clipped(back[i] + rest * push_back[i], 0, 1);
            }
        }
        float *swap = from;
        from = to;
        to = swap;
    }
    if (from != both)
        INDEPENDENT
        for (size_t i = 0; i < 6 * area; i++) both[i] = from[i];
}

#define FILLED(TYPE)                                                                                        \
    static void JOINED(free_##TYPE, VARIANT)(const TYPE *color, const float *alpha, const float *line,      \
                                             int pitch, int first, Axis columns, int from, int to,          \
                                             float top, TYPE *out) {                                        \
        for (int x = from; x < to; x++) {                                                                   \
            float weight = alpha[x];                                                                        \
            int level = (int)(clipped(weight, 0, 1) * top + 0.5f);                                          \
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

static int JOINED(any_between, VARIANT)(const float *values, int count, float low, float high) {
    int found = 0;
    for (int x = 0; x < count; x++) found |= (values[x] >= low) & (values[x] <= high);
    return found;
}

/* Writes the subject's own colour wherever rows of alpha are neither 0 nor 1 at the picture's depth.
 *
 * color and out (height, width, 3) of `depth` bytes, alpha (height, width), pitches in bytes;
 * coarse (6, small_height, small_width): foreground, background. `line` is room for 6 * (small_width + 1) floats.
 */
KERNEL(free_colors)(const void *color, ptrdiff_t color_pitch, int depth, const float *alpha, ptrdiff_t alpha_pitch,
                    int height, int width, const float *coarse, int small_height, int small_width, const int32_t *rows,
                    const float *down, const int32_t *columns, const float *across, float top, float *line, void *out,
                    ptrdiff_t out_pitch) {
    Axis axis = {columns, across};
    int pitch = small_width + 1;
    float low = 0.5f / top, high = 1 - 0.499f / top;
    for (int y = 0; y < height; y++) {
        const float *own = (const float *)((const char *)alpha + y * alpha_pitch);
        const char *pixels = (const char *)color + y * color_pitch;
        char *result = (char *)out + y * out_pitch;
        /* Most of a picture is neither: it is passed over a span at a time. */
        for (int from = 0, to; from < width; from = to) {
            to = nearer(from + SPAN, width);
            if (!JOINED(any_between, VARIANT)(own + from, to - from, low * 0.99f, high)) continue;
            while (to < width && JOINED(any_between, VARIANT)(own + to, nearer(SPAN, width - to), low * 0.99f, high))
                to = nearer(to + SPAN, width);
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
