/* Alpha at full size from a model of colour at a small one; see color_model.py and _refine.py. */

#include "kernels.h"

#define FRONT 255
#define BACK 0

/* Interpolates the model along one span of a row and applies it to the colours there. */
#define EVALUATED(TYPE)                                                                                     \
    static void JOINED(span_##TYPE, VARIANT)(const TYPE *color, float scale, const float *line, int pitch,  \
                                             int first, Axis columns, int from, int to, float haze_low,     \
                                             float haze_high, float slope, float *alpha) {                  \
        for (int x = from; x < to; x++) {                                                                   \
            const float *at = line + (columns.before[x] - first);                                           \
            float share = columns.share[x], value = 0;                                                      \
            float red = at[0] + (at[1] - at[0]) * share;                                                    \
            at += pitch;                                                                                    \
            float green = at[0] + (at[1] - at[0]) * share;                                                  \
            at += pitch;                                                                                    \
            float blue = at[0] + (at[1] - at[0]) * share;                                                   \
            at += pitch;                                                                                    \
            float shift = at[0] + (at[1] - at[0]) * share;                                                  \
            value = red * ((float)color[3 * x] * scale);                                                    \
            value += green * ((float)color[3 * x + 1] * scale);                                             \
            value += blue * ((float)color[3 * x + 2] * scale);                                              \
            value = clipped(value + shift, 0, 1);                                                           \
            float snapped = least(value - haze_low, 0) + most(value - haze_high, 0);                        \
            alpha[x] = clipped(value + snapped * slope, 0, 1);                                              \
        }                                                                                                   \
    }
EVALUATED(uint8_t)
EVALUATED(uint16_t)

/* Fills rows of alpha: what is certain in the small trimap, and where it is not what the model says of the colour.
 *
 * color (height, width, 3) of `depth` bytes with `color_pitch` bytes a row; trimap (small_height, small_width);
 * model (4, small_height, small_width). `cell_rows` (height) and `cell_edges` (small_width + 1) say which pixels a
 * cell of the trimap covers, `rows`, `down`, `columns`, `across` where pixels lie between samples of the model.
 * `line` is room for 4 * (small_width + 1) floats. Background is not written.
 */
KERNEL(fill_alpha)(const void *color, ptrdiff_t color_pitch, int depth, int height, const uint8_t *trimap,
                   const float *model, int small_height, int small_width, const int32_t *cell_rows,
                   const int32_t *cell_edges, const int32_t *rows, const float *down, const int32_t *columns,
                   const float *across, float scale, float haze_low, float haze_high, float slope, float *line,
                   float *alpha, ptrdiff_t alpha_pitch) {
    Axis axis = {columns, across};
    int pitch = small_width + 1;
    for (int y = 0; y < height; y++) {
        const uint8_t *known = trimap + (size_t)cell_rows[y] * small_width;
        const char *pixels = (const char *)color + y * color_pitch;
        float *out = (float *)((char *)alpha + y * alpha_pitch);
        for (int cell = 0, next; cell < small_width; cell = next) {
            uint8_t level = known[cell];
            for (next = cell + 1; next < small_width && known[next] == level; next++) {}
            int from = cell_edges[cell], to = cell_edges[next];
            if (level == BACK || from >= to) continue;
            if (level == FRONT) {
                for (int x = from; x < to; x++) out[x] = 1;
                continue;
            }
            int first = columns[from], last = columns[to - 1];
            between_rows(model, 4, small_height, small_width, rows[y], down[y], first, last, line, pitch);
            if (depth == 1)
                JOINED(span_uint8_t, VARIANT)((const uint8_t *)pixels, scale, line, pitch, first, axis, from, to,
                                              haze_low, haze_high, slope, out);
            else
                JOINED(span_uint16_t, VARIANT)((const uint16_t *)pixels, scale, line, pitch, first, axis, from, to,
                                               haze_low, haze_high, slope, out);
        }
    }
}

/* Makes alpha rise from the outline inwards and fall outwards, for `reach` steps across edges, where `hard` is true.
 *
 * Each pixel is at least (outside: at most) what its neighbours one step nearer to the outline are; the outline runs
 * between pixels of at least one half and others. alpha and hard (height, width); `steps` (height, width) is room and
 * holds 0 where the outline is farther away; `queue` is room for as many pixels.
 */
KERNEL(make_monotone)(const uint8_t *hard, int height, int width, int reach, uint8_t *steps, int32_t *queue,
                      float *alpha) {
    const int ways[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    int area = height * width, end = 0;
#define INSIDE(at) (alpha[at] >= 0.5f)
    for (int at = 0; at < area; at++) {
        int y = at / width, x = at - y * width, inside = INSIDE(at);
        steps[at] = 0;
        if ((x + 1 < width && INSIDE(at + 1) != inside) || (x && INSIDE(at - 1) != inside) ||
            (y + 1 < height && INSIDE(at + width) != inside) || (y && INSIDE(at - width) != inside)) {
            steps[at] = 1;
            queue[end++] = at;
        }
    }
    /* All pixels of one distance are done before those of the next. */
    for (int next = 0; next < end; next++) {
        int at = queue[next], y = at / width, x = at - y * width, inside = INSIDE(at);
        float value = alpha[at];
        for (int way = 0; way < 4; way++) {
            int row = y + ways[way][0], column = x + ways[way][1], beside = row * width + column;
            if (row < 0 || row >= height || column < 0 || column >= width || INSIDE(beside) != inside) continue;
            if (!steps[beside] && steps[at] < reach) {
                steps[beside] = steps[at] + 1;
                queue[end++] = beside;
            }
            if (steps[at] > 1 && steps[beside] == steps[at] - 1)
                value = inside ? most(value, alpha[beside]) : least(value, alpha[beside]);
        }
        if (hard[at]) alpha[at] = value;
    }
#undef INSIDE
}
