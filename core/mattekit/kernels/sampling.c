/* Pairs of known colours for unknown pixels; see sampling.py. */

#include <math.h>
#include <string.h>

#include "kernels.h"

/* Pixels and the pairs that they have chosen so far; see search_pairs. */
typedef struct {
    size_t count, fronts, backs;
    const float *color, *place, *front_colors, *front_places, *back_colors, *back_places, *scales;
    int32_t *pair, *changed;
    float *cost, *alpha, *distance;
} Search;

/* Lets pixel i try a pair, and keep it where it is better. */
static inline void JOINED(attempt, VARIANT)(Search s, size_t i, int32_t front, int32_t back, int turn) {
    size_t n = s.count, f = s.fronts, b = s.backs;
    float r = s.back_colors[back], g = s.back_colors[b + back], bl = s.back_colors[2 * b + back];
    float lr = s.front_colors[front] - r, lg = s.front_colors[f + front] - g, lb = s.front_colors[2 * f + front] - bl;
    float dr = s.color[i] - r, dg = s.color[n + i] - g, db = s.color[2 * n + i] - bl;
    float share = (dr * lr + dg * lg + db * lb) / most(lr * lr + lg * lg + lb * lb, 1e-5f);
    share = clipped(share, 0, 1);
    dr -= lr * share, dg -= lg * share, db -= lb * share;
    float miss = sqrtf(dr * dr + dg * dg + db * db);
    float fy = s.front_places[front] - s.place[i], fx = s.front_places[f + front] - s.place[n + i];
    float by = s.back_places[back] - s.place[i], bx = s.back_places[b + back] - s.place[n + i];
    float price = miss * 255 + sqrtf(fy * fy + fx * fx) * s.scales[i] + sqrtf(by * by + bx * bx) * s.scales[n + i];
    if (!(price < s.cost[i])) return;
    s.pair[i] = front;
    s.pair[n + i] = back;
    s.cost[i] = price;
    s.alpha[i] = share;
    s.distance[i] = miss;
    s.changed[i] = turn;
}

/* A random place in a list of `known`, at most `reach` from `at`; `random` lies in [0, 1). */
static inline int32_t JOINED(around, VARIANT)(int32_t at, float random, float reach, int known) {
    return nearer(farther(at + (int32_t)((random * 2 - 1) * reach), 0), known - 1);
}

/* Lets pixels try random pairs and those of their neighbours, in `turns` turns, and keep what is better.
 *
 * Of `count` unknown pixels: color (3, count), place (2, count) row and column. Of each side, its `known` pixels:
 * colors (3, known), places (2, known), and for each unknown pixel one over the distance of the nearest. `number`
 * (height, width) holds the number of each unknown pixel, and -1 elsewhere.
 *
 * A turn begins with random pairs, `many` times in the first and once in the others: random (tries, 2, count) in
 * [0, 1), reaches (tries, 2) in places of the lists of the known. Then each pixel tries the pairs of its neighbours in
 * four directions, one after the other, at distances of 1 and, where `far`, of that: those that changed since it last
 * asked there, for what a neighbour had before was refused then and would be again.
 *
 * pair (2, count) holds what is tried first and what was chosen in the end; alpha and distance are written. `room`
 * holds 4 * count integers, cost (count) floats.
 */
KERNEL(search_pairs)(int count, const float *color, const float *place, const float *front_colors,
                     const float *front_places, int fronts, const float *back_colors, const float *back_places,
                     int backs, const float *scales, const int32_t *number, int height, int width, int turns, int many,
                     const float *random, const float *reaches, int far, int32_t *room, float *cost, int32_t *pair,
                     float *alpha, float *distance) {
    const int ways[4][2] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}};
    size_t n = (size_t)count;
    int32_t *changed = room, *changed_before = room + n, *before = room + 2 * n;
    Search s = {n, (size_t)fronts, (size_t)backs, color, place, front_colors, front_places, back_colors, back_places,
                scales, pair, changed, cost, alpha, distance};
    int tries = 0, asked[8];
    for (int way = 0; way < 8; way++) asked[way] = -1;
    for (size_t i = 0; i < n; i++) {
        cost[i] = INFINITY;
        alpha[i] = distance[i] = 0;
        changed[i] = 0;
        JOINED(attempt, VARIANT)(s, i, pair[i], pair[n + i], 0);
    }
    for (int turn = 0; turn < turns; turn++) {
        for (int left = turn ? 1 : many; left; left--, random += 2 * n, reaches += 2) {
            tries++;
            for (size_t i = 0; i < n; i++)
                JOINED(attempt, VARIANT)(s, i, JOINED(around, VARIANT)(pair[i], random[i], reaches[0], fronts),
                                         JOINED(around, VARIANT)(pair[n + i], random[n + i], reaches[1], backs), tries);
        }
        for (int way = 0; way < (far > 1 ? 8 : 4); way++) {
            int since = asked[way], reach = way < 4 ? 1 : far, down = ways[way % 4][0] * reach;
            int right = ways[way % 4][1] * reach;
            asked[way] = tries++;
            memcpy(before, pair, sizeof(int32_t) * 2 * n);
            memcpy(changed_before, changed, sizeof(int32_t) * n);
            for (size_t i = 0; i < n; i++) {
                int y = (int)place[i] + down, x = (int)place[n + i] + right;
                if (y < 0 || y >= height || x < 0 || x >= width) continue;
                int32_t beside = number[(size_t)y * width + x];
                if (beside < 0 || changed_before[beside] <= since) continue;
                int32_t front = before[beside], back = before[n + beside];
                if (front != pair[i] || back != pair[n + i]) JOINED(attempt, VARIANT)(s, i, front, back, tries);
            }
        }
    }
}
