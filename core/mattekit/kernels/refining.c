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
        float model[4][SIDE_BY_SIDE];                                                                       \
        for (int begin = from; begin < to; begin += SIDE_BY_SIDE) {                                         \
            int count = nearer(SIDE_BY_SIDE, to - begin);                                                   \
            between_columns(line, 4, pitch, first, columns, begin, count, model);                           \
            const TYPE *restrict seen = color + 3 * (ptrdiff_t)begin;                                       \
            float *restrict result = alpha + begin;                                                         \
            INDEPENDENT                                                                                     \
            for (int x = 0; x < count; x++) {                                                               \
                float value = model[0][x] * ((float)seen[3 * x] * scale);                                   \
                value += model[1][x] * ((float)seen[3 * x + 1] * scale);                                    \
                value += model[2][x] * ((float)seen[3 * x + 2] * scale);                                    \
                value = clipped(value + model[3][x], 0, 1);                                                 \
                float snapped = least(value - haze_low, 0) + most(value - haze_high, 0);                    \
                result[x] = clipped(value + snapped * slope, 0, 1);                                         \
            }                                                                                               \
        }                                                                                                   \
    }
EVALUATED(uint8_t)
EVALUATED(uint16_t)

/* Writes shares as a span of a row of alpha: as they are, or as integers of `depth` bytes. */
static void JOINED(put, VARIANT)(const float *shares, int from, int to, int depth, void *row) {
    if (depth == 4)
        memcpy((float *)row + from, shares + from, sizeof(float) * (to - from));
    else if (depth == 1)
        for (int x = from; x < to; x++) ((uint8_t *)row)[x] = (uint8_t)quantized(shares[x], UINT8_MAX);
    else
        for (int x = from; x < to; x++) ((uint16_t *)row)[x] = (uint16_t)quantized(shares[x], UINT16_MAX);
}

/* Makes a span of a row of alpha subject. */
static void JOINED(put_front, VARIANT)(int from, int to, int depth, void *row) {
    if (depth == 4)
        for (int x = from; x < to; x++) ((float *)row)[x] = 1;
    else
        memset((char *)row + (size_t)from * depth, 0xFF, (size_t)(to - from) * depth);
}

/* Fills rows of alpha: what is certain in the small trimap, and where it is not what the model says of the colour.
 *
 * color (height, width, 3) of `depth` bytes with `color_pitch` bytes a row; trimap (small_height, small_width);
 * model (4, small_height, small_width). `cell_rows` (height) and `cell_edges` (small_width + 1) say which pixels a
 * cell of the trimap covers, `rows`, `down`, `columns`, `across` where pixels lie between samples of the model.
 * `line` is room for 4 * (small_width + 1) floats and a row of the picture's. alpha is of `alpha_depth` bytes, 4 being
 * floats. Background is not written.
 */
KERNEL(fill_alpha)(const void *color, ptrdiff_t color_pitch, int depth, int height, const uint8_t *trimap,
                   const float *model, int small_height, int small_width, const int32_t *cell_rows,
                   const int32_t *cell_edges, const int32_t *rows, const float *down, const int32_t *columns,
                   const float *across, float scale, float haze_low, float haze_high, float slope, float *line,
                   void *alpha, ptrdiff_t alpha_pitch, int alpha_depth) {
    Axis axis = {columns, across};
    int pitch = small_width + 1;
    float *own = line + 4 * (size_t)pitch;
    for (int y = 0; y < height; y++) {
        const uint8_t *known = trimap + (size_t)cell_rows[y] * small_width;
        const char *pixels = (const char *)color + y * color_pitch;
        char *out = (char *)alpha + y * alpha_pitch;
        for (int cell = 0, next; cell < small_width; cell = next) {
            uint8_t level = known[cell];
            for (next = cell + 1; next < small_width && known[next] == level; next++) {}
            int from = cell_edges[cell], to = cell_edges[next];
            if (level == BACK || from >= to) continue;
            if (level == FRONT) {
                JOINED(put_front, VARIANT)(from, to, alpha_depth, out);
                continue;
            }
            int first = columns[from], last = columns[to - 1];
            between_rows(model, 4, small_height, small_width, rows[y], down[y], first, last, line, pitch);
            if (depth == 1)
                JOINED(span_uint8_t, VARIANT)((const uint8_t *)pixels, scale, line, pitch, first, axis, from, to,
                                              haze_low, haze_high, slope, own);
            else
                JOINED(span_uint16_t, VARIANT)((const uint16_t *)pixels, scale, line, pitch, first, axis, from, to,
                                               haze_low, haze_high, slope, own);
            JOINED(put, VARIANT)(own, from, to, alpha_depth, out);
        }
    }
}

typedef struct {
    int left, top, right, bottom;
} Extent;

static inline Extent JOINED(padded, VARIANT)(Extent box, int by, Extent limit) {
    Extent result = {farther(box.left - by, limit.left), farther(box.top - by, limit.top),
                     nearer(box.right + by, limit.right), nearer(box.bottom + by, limit.bottom)};
    return result;
}

/* A plane of cells under pixels that are counted from `left` and `top`: the pixel itself, or where `rows` says so a
 * larger one. */
typedef struct {
    const uint8_t *cells;
    int width;
    const int32_t *rows, *columns;
} Cells;

/* Lists where pixels from..to of a row of alpha lie that have another side of the outline beside them, and marks them. */
static int32_t *JOINED(outline_of, VARIANT)(const float *alpha, ptrdiff_t pitch, int height, int width, int y, int from,
                                            int to, uint8_t *near, int32_t *out) {
    const float *own = alpha + y * pitch;
    const float *up = y ? own - pitch : own, *low = y + 1 < height ? own + pitch : own;
    INDEPENDENT
    for (int x = from; x < to; x++)
        near[x] = ((own[x] >= 0.5f) != (up[x] >= 0.5f)) | ((own[x] >= 0.5f) != (low[x] >= 0.5f));
    INDEPENDENT
    for (int x = farther(from, 1); x < to; x++) near[x] |= (own[x] >= 0.5f) != (own[x - 1] >= 0.5f);
    INDEPENDENT
    for (int x = from; x < nearer(to, width - 1); x++) near[x] |= (own[x] >= 0.5f) != (own[x + 1] >= 0.5f);
    for (int x = from; x < to; x++) {
        uint64_t eight;
        if (x + 8 <= to) {
            memcpy(&eight, near + x, 8);
            if (!eight) {
                x += 7;
                continue;
            }
        }
        if (near[x]) *out++ = (int32_t)(y * pitch + x);
    }
    return out;
}

/* Goes on from the outline that is listed in begin..end: each pixel becomes at least (outside: at most) what its
 * neighbours one step nearer to it are, where it is hard. `steps` is 1 at the outline and 0 elsewhere; the list goes on
 * behind its end. */
static void JOINED(rise_from, VARIANT)(Cells hard, int height, int width, int pitch, int reach, uint8_t *steps,
                                       const int32_t *begin, int32_t *end, float *alpha) {
    /* All pixels of one distance are done before those of the next. */
    for (const int32_t *next = begin; next < end; next++) {
        int32_t at = *next;
        int y = (int)((uint32_t)at / (uint32_t)pitch), x = at - y * pitch;
        float value = alpha[at];
        int inside = value >= 0.5f, step = steps[at];
        const int there[4] = {y > 0, y + 1 < height, x > 0, x + 1 < width};
        const int32_t ways[4] = {-pitch, pitch, -1, 1};
        for (int way = 0; way < 4; way++) {
            if (!there[way]) continue;
            int32_t beside = at + ways[way];
            float other = alpha[beside];
            if ((other >= 0.5f) != inside) continue;
            if (!steps[beside] && step < reach) {
                steps[beside] = (uint8_t)(step + 1);
                *end++ = beside;
            }
            if (step > 1 && steps[beside] == step - 1) value = inside ? most(value, other) : least(value, other);
        }
        if (step > 1 && hard.cells[(size_t)(hard.rows ? hard.rows[y] : y) * hard.width +
                                   (hard.columns ? hard.columns[x] : x)])
            alpha[at] = value;
    }
}

/* Makes alpha rise from the outline inwards and fall outwards, for `reach` steps across edges, where `hard` is true.
 *
 * The outline runs between pixels of at least one half and others. alpha and hard (height, width); `room` is for a
 * number and a byte for each pixel.
 */
KERNEL(make_monotone)(const uint8_t *hard, int height, int width, int reach, int32_t *room, float *alpha) {
    Cells cells = {hard, width, 0, 0};
    int32_t *begin = room, *end = begin;
    uint8_t *steps = (uint8_t *)(room + (size_t)height * width);
    for (int y = 0; y < height; y++)
        end = JOINED(outline_of, VARIANT)(alpha, width, height, width, y, 0, width, steps + (size_t)y * width, end);
    JOINED(rise_from, VARIANT)(cells, height, width, width, reach, steps, begin, end, alpha);
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

/* Pixels from..to of a row that have one level. */
typedef struct {
    int32_t from, to, level;
} Run;

/* Lists the runs of a row's pixels from..to and returns how many those are. */
static int JOINED(runs_of, VARIANT)(Levels of, int y, int from, int to, Run *out) {
    Run *begin = out;
    if (of.full) {
        const uint8_t *levels = of.full + y * of.pitch;
        for (int x = from, next; x < to; x = next) {
            next = JOINED(run_end, VARIANT)(levels, x, to);
            *out++ = (Run){x, next, levels[x]};
        }
        return (int)(out - begin);
    }
    const uint8_t *cells = of.small + (size_t)of.rows[y - of.limit.top] * of.small_width;
    int last = of.columns[to - 1 - of.limit.left] + 1, x = from;
    for (int cell = of.columns[from - of.limit.left]; x < to;) {
        int level = cells[cell];
        cell = JOINED(run_end, VARIANT)(cells, cell, last);
        int next = nearer(of.edges[cell] + of.limit.left, to);
        /* Where cells are narrower than pixels, some lie between two pixels. */
        if (x < next) *out++ = (Run){x, next, level};
        x = next;
    }
    return (int)(out - begin);
}

/* Whether a row's levels are those of the row above. */
static inline int JOINED(as_above, VARIANT)(Levels of, int y) {
    return !of.full && of.rows[y - of.limit.top] == of.rows[y - 1 - of.limit.top];
}

/* The runs of one row after the other. */
typedef struct {
    Levels levels;
    int from, to, count;
    Run *runs;
} Row;

static inline void JOINED(read_row, VARIANT)(Row *row, int y, int first) {
    if (y == first || !JOINED(as_above, VARIANT)(row->levels, y))
        row->count = JOINED(runs_of, VARIANT)(row->levels, y, row->from, row->to, row->runs);
}

#define UNKNOWN(run) ((run)->level != FRONT && (run)->level != BACK)
#define EACH_RUN(run, row) for (const Run *run = (row).runs; run < (row).runs + (row).count; run++)

/* Refines a row of tiles at full size: alpha from the model of colour, steps with the Laplacian, and monotone at hard
 * edges.
 *
 * color (picture, 3) of `depth` bytes and alpha of the whole picture; tiles of `side` fill the box from left to bottom;
 * `limit` is what may be looked at, and where cells and samples are counted from. What is known is in `full`, as large
 * as the picture, or where that is null in cells: trimap, hard (small_height, small_width). `cell_rows`,
 * `cell_columns`, `rows`, `down`, `columns`, `across` are for all rows and columns of the limit, `cell_edges`
 * (small_width + 1) says where cells begin. `trust` is what a colour's own alpha weighs, `end` and `slope` are of a
 * haze, `rise` is how far alpha is made monotone, 0 for nowhere. `room` holds what `tile_refiner` says. alpha is of
 * `alpha_depth` bytes, 4 being floats. Background is not written.
 */
KERNEL(refine_tiles)(const void *color, ptrdiff_t color_pitch, int depth, float scale, int left, int top, int right,
                     int bottom, int side, int limit_left, int limit_top, int limit_right, int limit_bottom,
                     const uint8_t *full, ptrdiff_t full_pitch, const uint8_t *trimap, const uint8_t *hard,
                     const float *model, int small_height, int small_width, const int32_t *cell_rows,
                     const int32_t *cell_columns, const int32_t *cell_edges, const int32_t *rows, const float *down,
                     const int32_t *columns, const float *across, int steps, float epsilon, float smallest,
                     float trust, float end, float slope, int rise, float *room, void *alpha,
                     ptrdiff_t alpha_pitch, int alpha_depth) {
    Extent limit = {limit_left, limit_top, limit_right, limit_bottom};
    Row row = {{full, trimap, full_pitch, small_width, limit, cell_rows, cell_columns, cell_edges}, 0, 0, 0,
               (Run *)room};
    room += 3 * (size_t)nearer(limit_right - limit_left, side + 2 * (rise + 2 * steps));
    for (int begin = left; begin < right; begin += side) {
        int finish = nearer(begin + side, right);
        Extent part = {finish, bottom, begin, top};
        row.from = begin, row.to = finish;
        for (int y = top; y < bottom; y++) {
            JOINED(read_row, VARIANT)(&row, y, top);
            EACH_RUN(run, row) {
                if (run->level == FRONT) {
                    JOINED(put_front, VARIANT)(run->from, run->to, alpha_depth, (char *)alpha + y * alpha_pitch);
                } else if (run->level != BACK) {
                    part.left = nearer(part.left, run->from), part.right = farther(part.right, run->to);
                    part.top = nearer(part.top, y), part.bottom = y + 1;
                }
            }
        }
        if (part.left >= part.right) continue;
        int any_hard = 0;
        if (rise) {
            int last = cell_rows[part.bottom - 1 - limit_top], from = cell_columns[part.left - limit_left];
            int to = cell_columns[part.right - 1 - limit_left];
            for (int cell = cell_rows[part.top - limit_top]; cell <= last && !any_hard; cell++)
                for (int x = from; x <= to; x++) any_hard |= hard[(size_t)cell * small_width + x];
        }
        Extent around = any_hard ? JOINED(padded, VARIANT)(part, rise, limit) : part;
        Extent outer = JOINED(padded, VARIANT)(around, 2 * steps, limit);
        int tall = outer.bottom - outer.top, wide = outer.right - outer.left;
        size_t area = (size_t)tall * wide;
        float *solved = room, *target = solved + area, *weight = target + area, *image = weight + area;
        float *line = image + 3 * area, *planes = line + 4 * (size_t)(small_width + 1);
        uint8_t *unknown = (uint8_t *)(planes + 3 * (size_t)wide);
        float *rest = (float *)(unknown + (area + 3) / 4 * 4);
        const int32_t *before = columns - limit_left;
        Axis axis = {before, across - limit_left};
        row.from = outer.left, row.to = outer.right;
        for (int y = outer.top; y < outer.bottom; y++) {
            size_t at = (size_t)(y - outer.top) * wide;
            float *own = solved + at - outer.left;
            uint8_t *open = unknown + at - outer.left;
            const char *pixels = (const char *)color + y * color_pitch;
            JOINED(read_row, VARIANT)(&row, y, outer.top);
            EACH_RUN(run, row) {
                int from = run->from, to = run->to;
                if (steps) memset(open + from, UNKNOWN(run), to - from);
                if (!UNKNOWN(run)) {
                    float level = run->level == FRONT;
                    for (int x = from; x < to; x++) own[x] = level;
                    continue;
                }
                int first = before[from], last = before[to - 1], beyond = y - limit_top;
                between_rows(model, 4, small_height, small_width, rows[beyond], down[beyond], first, last, line,
                             small_width + 1);
                if (depth == 1)
                    JOINED(span_uint8_t, VARIANT)((const uint8_t *)pixels, scale, line, small_width + 1, first, axis,
                                                  from, to, 0, 1, 0, own);
                else
                    JOINED(span_uint16_t, VARIANT)((const uint16_t *)pixels, scale, line, small_width + 1, first, axis,
                                                   from, to, 0, 1, 0, own);
            }
            if (!steps) continue;
            memcpy(target + at, solved + at, sizeof(float) * wide);
            for (int x = 0; x < wide; x++) weight[at + x] = trust;
            pixels += (ptrdiff_t)3 * depth * outer.left;
            if (depth == 1)
                JOINED(planes_8, VARIANT)(pixels, 0, 1, wide, scale, planes);
            else
                JOINED(planes_16, VARIANT)(pixels, 0, 1, wide, scale, planes);
            for (int channel = 0; channel < 3; channel++)
                memcpy(image + channel * area + at, planes + channel * (size_t)wide, sizeof(float) * wide);
        }
        if (steps && tall >= 3 && wide >= 3) {
            for (int channel = 0; channel < 3; channel++)
                JOINED(centered, VARIANT)(image + channel * area, wide, tall, wide, image + channel * area);
            Asked asked = {target, weight, unknown, wide};
            const int32_t *starts;
            JOINED(iterate, VARIANT)(image, asked, tall, wide, steps, epsilon, smallest, rest, solved, &starts);
        }
        /* From here on what lies around the part alone: its outline, and what is unknown of it. */
        float *result = solved + (size_t)(around.top - outer.top) * wide + around.left - outer.left;
        int high = around.bottom - around.top, broad = around.right - around.left;
        row.from = around.left, row.to = around.right;
        for (int y = around.top; y < around.bottom; y++) {
            float *own = result + (size_t)(y - around.top) * wide - around.left;
            JOINED(read_row, VARIANT)(&row, y, around.top);
            EACH_RUN(run, row) {
                if (!UNKNOWN(run)) continue;
                INDEPENDENT
                for (int x = run->from; x < run->to; x++) {
                    float value = clipped(own[x], 0, 1);
                    float snapped = (least(value - end, 0) + most(value - (1 - end), 0)) * slope;
                    own[x] = clipped(value + snapped, 0, 1);
                }
            }
        }
        if (any_hard) {
            Cells firm = {hard, small_width, cell_rows + around.top - limit_top,
                          cell_columns + around.left - limit_left};
            /* Rows are as far apart as those of the plane. */
            uint8_t *near = unknown;
            int32_t *first = (int32_t *)image, *last = first;
            memset(near, 0, (size_t)high * wide);
            for (int y = 0; y < high; y++)
                last = JOINED(outline_of, VARIANT)(result, wide, high, broad, y, 0, broad, near + (size_t)y * wide,
                                                   last);
            JOINED(rise_from, VARIANT)(firm, high, broad, wide, rise, near, first, last, result);
        }
        row.from = part.left, row.to = part.right;
        for (int y = part.top; y < part.bottom; y++) {
            const float *own = result + (size_t)(y - around.top) * wide - around.left;
            JOINED(read_row, VARIANT)(&row, y, part.top);
            EACH_RUN(run, row)
                if (UNKNOWN(run))
                    JOINED(put, VARIANT)(own, run->from, run->to, alpha_depth, (char *)alpha + y * alpha_pitch);
        }
    }
}
