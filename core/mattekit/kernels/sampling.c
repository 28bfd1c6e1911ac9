/* Pairs of known colours for unknown pixels; see sampling.py. */

#include <math.h>

#include "kernels.h"

/* Lets pixels try pairs and keep what is better.
 *
 * Of `count` unknown pixels: color (3, count), place (2, count) row and column. Of each side, its `known` pixels:
 * colors (3, known), places (2, known), and for each unknown pixel one over the distance of the nearest. Pixel i tries
 * the pair candidates (2, count) of pixel `from[i]`, where that changed after the try `since` and is another than its
 * own; without `from` its own candidates. pair (2, count), changed, cost, alpha and distance are read and written,
 * `changed_before` is what `changed` was before this try.
 */
KERNEL(try_pairs)(int count, const float *color, const float *place, const float *front_colors,
                  const float *front_places, int fronts, const float *back_colors, const float *back_places, int backs,
                  const float *scales, const int32_t *candidates, const int32_t *from, const int32_t *changed_before,
                  int since, int turn, int32_t *pair, int32_t *changed, float *cost, float *alpha, float *distance) {
    size_t n = (size_t)count, f = (size_t)fronts, b = (size_t)backs;
    for (size_t i = 0; i < n; i++) {
        size_t source = i;
        if (from) {
            source = (size_t)from[i];
            if (changed_before[source] <= since) continue;
        }
        int32_t front = candidates[source], back = candidates[n + source];
        if (from && front == pair[i] && back == pair[n + i]) continue;
        float r = back_colors[back], g = back_colors[b + back], bl = back_colors[2 * b + back];
        float lr = front_colors[front] - r, lg = front_colors[f + front] - g, lb = front_colors[2 * f + front] - bl;
        float dr = color[i] - r, dg = color[n + i] - g, db = color[2 * n + i] - bl;
        float share = (dr * lr + dg * lg + db * lb) / most(lr * lr + lg * lg + lb * lb, 1e-5f);
        share = clipped(share, 0, 1);
        dr -= lr * share, dg -= lg * share, db -= lb * share;
        float miss = sqrtf(dr * dr + dg * dg + db * db);
        float fy = front_places[front] - place[i], fx = front_places[f + front] - place[n + i];
        float by = back_places[back] - place[i], bx = back_places[b + back] - place[n + i];
        float price = miss * 255 + sqrtf(fy * fy + fx * fx) * scales[i] + sqrtf(by * by + bx * bx) * scales[n + i];
        if (!(price < cost[i])) continue;
        pair[i] = front;
        pair[n + i] = back;
        cost[i] = price;
        alpha[i] = share;
        distance[i] = miss;
        changed[i] = turn;
    }
}
