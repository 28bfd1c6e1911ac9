/* Connected components of masks as runs of their rows; see imaging/labels.py. */

#include <string.h>

#include "kernels.h"

/* Writes left, top, right and bottom of what is true in a mask whose rows are `pitch` bytes apart; all are 0 where
 * nothing is. */
KERNEL(bounds)(const uint8_t *mask, ptrdiff_t pitch, int height, int width, int32_t *box) {
    int left = width, right = 0, top = 0, bottom = 0;
    for (int y = 0; y < height; y++, mask += pitch) {
        int first = 0, last = width;
        next_run(mask, &first, width);
        if (first == width) continue;
        while (last > right && !mask[last - 1]) last--;
        if (!right) top = y;
        left = nearer(left, first), right = farther(right, last), bottom = y + 1;
    }
    box[0] = right ? left : 0, box[1] = top, box[2] = right, box[3] = bottom;
}

/* Writes how many runs a mask has. */
KERNEL(count_runs)(const uint8_t *mask, int height, int width, int32_t *count) {
    int32_t found = 0;
    for (int y = 0; y < height && width; y++) {
        const uint8_t *own = mask + (size_t)y * width;
        int32_t here = own[0] != 0; /* what is true may be any number, where a mask was bytes before */
        INDEPENDENT
        for (int x = 1; x < width; x++) here += (own[x] != 0) & !own[x - 1];
        found += here;
    }
    *count = found;
}

/* Writes row, start and end of every run of a mask in the order of reading. */
KERNEL(list_runs)(const uint8_t *mask, int height, int width, ptrdiff_t *row, ptrdiff_t *start, ptrdiff_t *end) {
    for (int y = 0; y < height; y++) {
        const uint8_t *own = mask + (size_t)y * width;
        for (int from = 0, to;; from = to) {
            to = next_run(own, &from, width);
            if (from == to) break;
            *row++ = y;
            *start++ = from;
            *end++ = to;
        }
    }
}

/* Returns the first run of a component, and cuts short the way to it. */
static inline ptrdiff_t JOINED(first_of, VARIANT)(ptrdiff_t *before, ptrdiff_t run) {
    while (before[run] != run) run = before[run] = before[before[run]];
    return run;
}

/* Numbers the components that `count` runs make, from 1 on in the order of their first runs, and writes how many there
 * are. Runs of neighbouring rows touch where they share a column, or with `diagonal` a corner. */
KERNEL(join_runs)(const ptrdiff_t *row, const ptrdiff_t *start, const ptrdiff_t *end, int count, int diagonal,
                  ptrdiff_t *label, int32_t *components) {
    /* Until they are numbered, each label is a run of the same component that is not behind its own. */
    ptrdiff_t above = 0, line = 0;
    for (ptrdiff_t run = 0; run < count; run++) {
        label[run] = run;
        if (run && row[run] != row[run - 1]) above = row[run] == row[run - 1] + 1 ? line : run, line = run;
        if (above == line) continue;
        while (above < line && end[above] + diagonal <= start[run]) above++;
        for (ptrdiff_t other = above; other < line && start[other] < end[run] + diagonal; other++) {
            ptrdiff_t one = JOINED(first_of, VARIANT)(label, run), two = JOINED(first_of, VARIANT)(label, other);
            if (one < two) label[two] = one;
            else label[one] = two;
        }
    }
    int32_t found = 0;
    for (ptrdiff_t run = 0; run < count; run++) label[run] = label[run] == run ? ++found : label[label[run]];
    *components = found;
}

#define EACH_LANE for (int lane = 0; lane < 8; lane++)

/* Adds up what lies under the runs of each label in a plane whose rows are `width` long. */
#define SUMMED_RUNS(TYPE, SUM, NAME)                                                                          \
    KERNEL(NAME)(const TYPE *plane, int width, const ptrdiff_t *row, const ptrdiff_t *start,                   \
                 const ptrdiff_t *end, const ptrdiff_t *label, int count, SUM *sums) {                         \
        for (int run = 0; run < count; run++) {                                                                \
            const TYPE *own = plane + row[run] * width;                                                        \
            SUM lanes[8] = {0};                                                                                \
            ptrdiff_t x = start[run];                                                                          \
            for (; x + 8 <= end[run]; x += 8) EACH_LANE lanes[lane] += (SUM)own[x + lane];                     \
            for (int lane = 0; x < end[run]; x++, lane++) lanes[lane] += (SUM)own[x];                          \
            sums[label[run]] += ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +                              \
                                ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));                               \
        }                                                                                                      \
    }
SUMMED_RUNS(uint8_t, ptrdiff_t, sum_runs_8)
SUMMED_RUNS(uint16_t, ptrdiff_t, sum_runs_16)
SUMMED_RUNS(float, double, sum_runs_float)
#undef EACH_LANE

/* Sets a mask where runs of chosen labels are. */
KERNEL(paint_runs)(const ptrdiff_t *row, const ptrdiff_t *start, const ptrdiff_t *end, const ptrdiff_t *label,
                   int count, const uint8_t *chosen, int width, uint8_t *mask) {
    for (int run = 0; run < count; run++)
        if (chosen[label[run]]) memset(mask + row[run] * width + start[run], 1, (size_t)(end[run] - start[run]));
}

/* Writes the labels of runs into a plane. */
KERNEL(paint_labels)(const ptrdiff_t *row, const ptrdiff_t *start, const ptrdiff_t *end, const ptrdiff_t *label,
                     int count, int width, ptrdiff_t *plane) {
    for (int run = 0; run < count; run++)
        for (ptrdiff_t x = start[run]; x < end[run]; x++) plane[row[run] * width + x] = label[run];
}

/* Says which labels have a run where a mask is true and a network saw something: where `seen`, whose sample at each row
 * and column `rows` and `columns` tell (-1 where there is none), reaches `firm`. */
KERNEL(seen_runs)(const uint8_t *mask, int width, const ptrdiff_t *row, const ptrdiff_t *start, const ptrdiff_t *end,
                  const ptrdiff_t *label, int count, const float *seen, int seen_width, const int32_t *rows,
                  const int32_t *columns, float firm, uint8_t *found) {
    for (int run = 0; run < count; run++) {
        uint8_t *here = found + label[run];
        int32_t line = rows[row[run]];
        if (*here || line < 0) continue;
        const uint8_t *own = mask + row[run] * width;
        const float *samples = seen + (size_t)line * seen_width;
        for (ptrdiff_t x = start[run]; x < end[run] && !*here; x++)
            *here = own[x] && columns[x] >= 0 && samples[columns[x]] >= firm;
    }
}

/* Sets samples of `depth` bytes to 0 in all pixels of the cells, of `step` pixels a side, that are true. */
KERNEL(clear_cells)(const uint8_t *cells, int step, int depth, int height, int width, void *plane, ptrdiff_t pitch) {
    int columns = (width + step - 1) / step;
    for (int y = 0; y < height; y++) {
        const uint8_t *own = cells + (size_t)(y / step) * columns;
        uint8_t *line = (uint8_t *)plane + y * pitch;
        for (int from = 0, to; from < columns; from = to) {
            to = next_run(own, &from, columns);
            int left = nearer(from * step, width), right = nearer(to * step, width);
            memset(line + (size_t)left * depth, 0, (size_t)(right - left) * depth);
        }
    }
}
