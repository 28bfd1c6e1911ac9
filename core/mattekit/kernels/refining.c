/* Alpha at full size from a model of colour at a small one; see color_model.py and _refine.py. */

#include <string.h>

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
    int end = 0;
#define INSIDE(at) (alpha[at] >= 0.5f)
    for (int y = 0; y < height; y++) {
        const float *own = alpha + (size_t)y * width;
        const float *up = y ? own - width : own, *low = y + 1 < height ? own + width : own;
        uint8_t *near = steps + (size_t)y * width;
        INDEPENDENT
        for (int x = 0; x < width; x++)
            near[x] = ((own[x] >= 0.5f) != (up[x] >= 0.5f)) | ((own[x] >= 0.5f) != (low[x] >= 0.5f));
        INDEPENDENT
        for (int x = 1; x < width; x++) near[x] |= (own[x] >= 0.5f) != (own[x - 1] >= 0.5f);
        INDEPENDENT
        for (int x = 0; x < width - 1; x++) near[x] |= (own[x] >= 0.5f) != (own[x + 1] >= 0.5f);
        for (int x = 0; x < width; x++) {
            uint64_t eight;
            if (x + 8 <= width) {
                memcpy(&eight, near + x, 8);
                if (!eight) {
                    x += 7;
                    continue;
                }
            }
            if (near[x]) queue[end++] = y * width + x;
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

typedef struct {
    int left, top, right, bottom;
} Extent;

static inline Extent JOINED(padded, VARIANT)(Extent box, int by, Extent limit) {
    Extent result = {farther(box.left - by, limit.left), farther(box.top - by, limit.top),
                     nearer(box.right + by, limit.right), nearer(box.bottom + by, limit.bottom)};
    return result;
}

/* Returns where a run of equal levels that begins at `from` ends. */
static inline int JOINED(run_end, VARIANT)(const uint8_t *levels, int from, int to) {
    uint64_t same = levels[from] * (uint64_t)0x0101010101010101, eight;
    int x = from + 1;
    for (; x + 8 <= to; x += 8) {
        memcpy(&eight, levels + x, 8);
        if (eight != same) break;
    }
    while (x < to && levels[x] == levels[from]) x++;
    return x;
}

/* A plane of levels for each pixel of the picture, or for cells of it, counted from the corner of `limit`. */
typedef struct {
    const uint8_t *full, *small;
    ptrdiff_t pitch;
    int small_width;
    Extent limit;
    const int32_t *rows, *columns, *edges;
} Levels;

/* Writes the levels of a row's pixels from..to. */
static void JOINED(levels_of, VARIANT)(Levels of, int y, int from, int to, uint8_t *out) {
    if (of.full) {
        memcpy(out, of.full + y * of.pitch + from, to - from);
        return;
    }
    const uint8_t *cells = of.small + (size_t)of.rows[y - of.limit.top] * of.small_width;
    for (int x = from, next; x < to; x = next) {
        int cell = of.columns[x - of.limit.left];
        next = nearer(of.edges[cell + 1] + of.limit.left, to);
        memset(out + (x - from), cells[cell], next - x);
    }
}

/* Whether a row's levels are those of the row above. */
static inline int JOINED(as_above, VARIANT)(Levels of, int y) {
    return !of.full && of.rows[y - of.limit.top] == of.rows[y - 1 - of.limit.top];
}

/* Refines a row of tiles at full size: alpha from the model of colour, steps with the Laplacian, and monotone at hard
 * edges.
 *
 * color (picture, 3) of `depth` bytes and alpha of the whole picture; tiles of `side` fill the box from left to bottom;
 * `limit` is what may be looked at, and where cells and samples are counted from. What is known is in `full`, as large
 * as the picture, or where that is null in cells: trimap, hard (small_height, small_width). `cell_rows`,
 * `cell_columns`, `rows`, `down`, `columns`, `across` are for all rows and columns of the limit, `cell_edges`
 * (small_width + 1) says where cells begin. `trust` is what a colour's own alpha weighs, `end` and `slope` are of a
 * haze, `rise` is how far alpha is made monotone, 0 for nowhere. `room` holds what `tile_refiner` says. Background is
 * not written.
 */
KERNEL(refine_tiles)(const void *color, ptrdiff_t color_pitch, int depth, float scale, int left, int top, int right,
                     int bottom, int side, int limit_left, int limit_top, int limit_right, int limit_bottom,
                     const uint8_t *full, ptrdiff_t full_pitch, const uint8_t *trimap, const uint8_t *hard,
                     const float *model, int small_height, int small_width, const int32_t *cell_rows,
                     const int32_t *cell_columns, const int32_t *cell_edges, const int32_t *rows, const float *down,
                     const int32_t *columns, const float *across, int steps, float epsilon, float smallest,
                     float trust, float end, float slope, int rise, float *room, float *alpha,
                     ptrdiff_t alpha_pitch) {
    Extent limit = {limit_left, limit_top, limit_right, limit_bottom};
    Levels known = {full, trimap, full_pitch, small_width, limit, cell_rows, cell_columns, cell_edges};
    Levels firm_at = {0, hard, 0, small_width, limit, cell_rows, cell_columns, cell_edges};
    for (int begin = left; begin < right; begin += side) {
        int finish = nearer(begin + side, right), length = finish - begin;
        Extent part = {finish, bottom, begin, top};
        uint8_t *levels = (uint8_t *)room;
        for (int y = top; y < bottom; y++) {
            float *out = (float *)((char *)alpha + y * alpha_pitch) + begin;
            if (y == top || !JOINED(as_above, VARIANT)(known, y))
                JOINED(levels_of, VARIANT)(known, y, begin, finish, levels);
            for (int x = 0, next; x < length; x = next) {
                next = JOINED(run_end, VARIANT)(levels, x, length);
                if (levels[x] == FRONT) {
                    for (int i = x; i < next; i++) out[i] = 1;
                } else if (levels[x] != BACK) {
                    part.left = nearer(part.left, begin + x), part.right = farther(part.right, begin + next);
                    part.top = nearer(part.top, y), part.bottom = y + 1;
                }
            }
        }
        if (part.left >= part.right) continue;
        int any_hard = 0;
        for (int y = part.top; rise && y < part.bottom && !any_hard; y++) {
            JOINED(levels_of, VARIANT)(firm_at, y, part.left, part.right, levels);
            for (int x = 0; x < part.right - part.left; x++) any_hard |= levels[x];
        }
        Extent around = any_hard ? JOINED(padded, VARIANT)(part, rise, limit) : part;
        Extent outer = JOINED(padded, VARIANT)(around, 2 * steps, limit);
        int tall = outer.bottom - outer.top, wide = outer.right - outer.left;
        size_t area = (size_t)tall * wide;
        float *x = room, *target = x + area, *weight = target + area, *image = weight + area;
        float *line = image + 3 * area, *planes = line + 4 * (size_t)(small_width + 1);
        uint8_t *unknown = (uint8_t *)(planes + 3 * (size_t)wide);
        float *rest = (float *)(unknown + (area + 3) / 4 * 4);
        Axis axis = {columns + outer.left - limit_left, across + outer.left - limit_left};
        levels = (uint8_t *)rest;
        for (int y = 0; y < tall; y++) {
            int row = outer.top + y, at = row - limit_top;
            float *own = x + (size_t)y * wide;
            uint8_t *open = unknown + (size_t)y * wide;
            const char *pixels = (const char *)color + row * color_pitch + (ptrdiff_t)3 * depth * outer.left;
            if (!y || !JOINED(as_above, VARIANT)(known, row))
                JOINED(levels_of, VARIANT)(known, row, outer.left, outer.right, levels);
            INDEPENDENT
            for (int i = 0; i < wide; i++) {
                open[i] = (levels[i] != FRONT) & (levels[i] != BACK);
                own[i] = levels[i] == FRONT;
            }
            for (int from = 0, to; from < wide; from = to) {
                to = JOINED(run_end, VARIANT)(open, from, wide);
                if (!open[from]) continue;
                int first = axis.before[from], last = axis.before[to - 1];
                between_rows(model, 4, small_height, small_width, rows[at], down[at], first, last, line,
                             small_width + 1);
                if (depth == 1)
                    JOINED(span_uint8_t, VARIANT)((const uint8_t *)pixels, scale, line, small_width + 1, first, axis,
                                                  from, to, 0, 1, 0, own);
                else
                    JOINED(span_uint16_t, VARIANT)((const uint16_t *)pixels, scale, line, small_width + 1, first, axis,
                                                   from, to, 0, 1, 0, own);
            }
            if (!steps) continue;
            memcpy(target + (size_t)y * wide, own, sizeof(float) * wide);
            for (int i = 0; i < wide; i++) weight[(size_t)y * wide + i] = trust;
            if (depth == 1)
                JOINED(planes_8, VARIANT)(pixels, 0, 1, wide, scale, planes);
            else
                JOINED(planes_16, VARIANT)(pixels, 0, 1, wide, scale, planes);
            for (int channel = 0; channel < 3; channel++)
                memcpy(image + channel * area + (size_t)y * wide, planes + channel * (size_t)wide,
                       sizeof(float) * wide);
        }
        if (steps && tall >= 3 && wide >= 3) {
            for (int channel = 0; channel < 3; channel++)
                JOINED(centered, VARIANT)(image + channel * area, wide, tall, wide, image + channel * area);
            Asked asked = {target, weight, unknown, wide};
            const int32_t *starts;
            JOINED(iterate, VARIANT)(image, asked, tall, wide, steps, epsilon, smallest, rest, x, &starts);
        }
        float *result = target; /* of what lies around the part alone */
        int high = around.bottom - around.top, broad = around.right - around.left;
        for (int y = 0; y < high; y++) {
            const float *own = x + (size_t)(around.top - outer.top + y) * wide + around.left - outer.left;
            float *out = result + (size_t)y * broad;
            INDEPENDENT
            for (int i = 0; i < broad; i++) {
                float value = clipped(own[i], 0, 1);
                float snapped = (least(value - end, 0) + most(value - (1 - end), 0)) * slope;
                out[i] = clipped(value + snapped, 0, 1);
            }
        }
        if (any_hard) {
            uint8_t *firm = (uint8_t *)rest, *far = firm + (size_t)high * broad;
            for (int y = 0; y < high; y++)
                JOINED(levels_of, VARIANT)(firm_at, around.top + y, around.left, around.right,
                                           firm + (size_t)y * broad);
            JOINED(make_monotone, VARIANT)(firm, high, broad, rise, far, (int32_t *)image, result);
        }
        for (int y = part.top; y < part.bottom; y++)
            memcpy((char *)alpha + y * alpha_pitch + sizeof(float) * part.left,
                   result + (size_t)(y - around.top) * broad + part.left - around.left,
                   sizeof(float) * (part.right - part.left));
    }
}
