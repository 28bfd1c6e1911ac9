/* Pairs of known colours for unknown pixels; see sampling.py. */

#include <math.h>
#include <string.h>

#include "kernels.h"

/* A pixel: everything that a pair is judged by lies side by side. */
typedef struct {
    float red, green, blue, y, x;
    float scales[2]; /* of an unknown one: one over the distance of the nearest known one of either side */
    float unused;
} Pixel;

/* Unknown pixels, the known ones of both sides, and the pairs that were chosen so far; see search_pairs. */
typedef struct {
    size_t count;
    const Pixel *own, *fronts, *backs;
    int32_t *pair, *changed;
    float *cost, *alpha, *distance;
} Search;

/* Pixels that try a pair each. */
typedef struct {
    int count;
    int32_t pixel[SIDE_BY_SIDE], front[SIDE_BY_SIDE], back[SIDE_BY_SIDE];
} Tries;

/* Lets pixels, all different, try their pairs, and keep what is better. */
static void JOINED(attempt, VARIANT)(Search s, Tries *tries, int turn) {
    float shares[SIDE_BY_SIDE], misses[SIDE_BY_SIDE], prices[SIDE_BY_SIDE];
    INDEPENDENT
    for (int i = 0; i < tries->count; i++) {
        const Pixel *own = s.own + tries->pixel[i], *f = s.fronts + tries->front[i], *b = s.backs + tries->back[i];
        float lr = f->red - b->red, lg = f->green - b->green, lb = f->blue - b->blue;
        float dr = own->red - b->red, dg = own->green - b->green, db = own->blue - b->blue;
        float share = (dr * lr + dg * lg + db * lb) / most(lr * lr + lg * lg + lb * lb, 1e-5f);
        share = clipped(share, 0, 1);
        dr -= lr * share, dg -= lg * share, db -= lb * share;
        float miss = sqrtf(dr * dr + dg * dg + db * db), price = miss * 255;
        float fy = f->y - own->y, fx = f->x - own->x, by = b->y - own->y, bx = b->x - own->x;
        price += sqrtf(fy * fy + fx * fx) * own->scales[0];
        price += sqrtf(by * by + bx * bx) * own->scales[1];
        shares[i] = share, misses[i] = miss, prices[i] = price;
    }
    for (int i = 0; i < tries->count; i++) {
        int32_t at = tries->pixel[i];
        if (!(prices[i] < s.cost[at])) continue;
        s.pair[at] = tries->front[i];
        s.pair[s.count + at] = tries->back[i];
        s.cost[at] = prices[i];
        s.alpha[at] = shares[i];
        s.distance[at] = misses[i];
        s.changed[at] = turn;
    }
    tries->count = 0;
}

/* Lets one more pixel try a pair, soon, where that is worth it: nobody can foretell where, so it is no branch. */
static inline void JOINED(add, VARIANT)(Search s, Tries *tries, int32_t pixel, int32_t front, int32_t back, int worth,
                                        int turn) {
    tries->pixel[tries->count] = pixel, tries->front[tries->count] = front, tries->back[tries->count] = back;
    tries->count += worth;
    if (tries->count == SIDE_BY_SIDE) JOINED(attempt, VARIANT)(s, tries, turn);
}

/* A random place in a list of `known`, at most `reach` from `at`; `random` lies in [0, 1). */
static inline int32_t JOINED(around, VARIANT)(int32_t at, float random, float reach, int known) {
    return nearer(farther(at + (int32_t)((random * 2 - 1) * reach), 0), known - 1);
}

static inline void JOINED(read_pixel, VARIANT)(const float *image, size_t area, int width, ptrdiff_t at, Pixel *out) {
    out->red = image[at], out->green = image[area + at], out->blue = image[2 * area + at];
    out->y = (float)(at / width), out->x = (float)(at % width);
}

/* Gathers the colours and places of pixels of image (3, height, width), and two numbers of each that are given. */
KERNEL(read_pixels)(const float *image, int height, int width, const ptrdiff_t *pixels, int count, const float *scales,
                    Pixel *out) {
    size_t area = (size_t)height * width;
    for (int i = 0; i < count; i++, out++) {
        JOINED(read_pixel, VARIANT)(image, area, width, pixels[i], out);
        out->scales[0] = scales[i], out->scales[1] = scales[count + i];
    }
}

#define DIGIT 11 /* bits of a key that are sorted by at once */

/* Lists the `count` chosen pixels of image (3, height, width) by brightness, equal ones in the order of reading: flat
 * indices in `listed`, the pixels themselves in `out`, and in `ranks` (height, width) where in the list each is. Then
 * says where in the list the `asked` pixels in `first` are. `room` holds 3 * count numbers. */
KERNEL(list_pixels)(const float *image, int height, int width, const uint8_t *chosen, int count, uint32_t *room,
                    int32_t *ranks, const ptrdiff_t *first, int asked, int32_t *place, ptrdiff_t *listed, Pixel *out) {
    size_t area = (size_t)height * width;
    /* Two lists of flat indices, which take turns, and by these indices what is sorted by: no brightness is below 0, and
     * such floats are in the order of their bits. */
    uint32_t *from = room, *to = room + count, *keys = (uint32_t *)ranks;
    size_t found = 0;
    for (int y = 0; y < height; y++)
        for (int begin = 0, end; begin < width; begin = end) {
            end = next_run(chosen + (size_t)y * width, &begin, width);
            for (size_t at = (size_t)y * width + begin; begin < end; begin++, at++) {
                float bright = image[at] + image[area + at] + image[2 * area + at];
                memcpy(keys + at, &bright, sizeof(float));
                from[found++] = (uint32_t)at;
            }
        }
    for (int shift = 0; shift < 32; shift += DIGIT) {
        uint32_t places[1 << DIGIT] = {0}, sum = 0, *swap;
        for (int i = 0; i < count; i++) places[keys[from[i]] >> shift & ((1 << DIGIT) - 1)]++;
        for (int digit = 0; digit < 1 << DIGIT; digit++) {
            uint32_t many = places[digit];
            places[digit] = sum;
            sum += many;
        }
        for (int i = 0; i < count; i++) to[places[keys[from[i]] >> shift & ((1 << DIGIT) - 1)]++] = from[i];
        swap = from, from = to, to = swap;
    }
    for (int i = 0; i < count; i++) {
        listed[i] = from[i];
        ranks[from[i]] = i;
        JOINED(read_pixel, VARIANT)(image, area, width, from[i], out + i);
    }
    for (int i = 0; i < asked; i++) place[i] = ranks[first[i]];
}

/* Numbers what is true in a mask in the order of reading: flat indices in `pixels`, and in `number` (height, width)
 * which of them each is, -1 elsewhere. */
KERNEL(number_pixels)(const uint8_t *mask, int height, int width, ptrdiff_t *pixels, int32_t *number) {
    size_t area = (size_t)height * width;
    int32_t count = 0;
    memset(number, 255, sizeof(int32_t) * area);
    for (int y = 0; y < height; y++)
        for (int from = 0, to; from < width; from = to) {
            to = next_run(mask + (size_t)y * width, &from, width);
            for (ptrdiff_t at = (ptrdiff_t)y * width + from; from < to; from++, at++)
                number[at] = count, pixels[count++] = at;
        }
}

/* Says for pixels of a plane `width` wide what was found at half its size: `number` (..., half), `chosen` and `scales`
 * (2, known). A known pixel at half size stands for four known ones. */
KERNEL(from_half)(const ptrdiff_t *pixels, int count, int width, const int32_t *number, int half,
                  const ptrdiff_t *fronts, const ptrdiff_t *backs, const float *scales, int known, ptrdiff_t *chosen,
                  float *out) {
    for (int i = 0; i < count; i++) {
        ptrdiff_t y = pixels[i] / width, x = pixels[i] % width;
        int32_t parent = number[(y / 2) * half + x / 2];
        ptrdiff_t front = fronts[parent], back = backs[parent];
        chosen[i] = 2 * (front / half) * width + 2 * (front % half);
        chosen[count + i] = 2 * (back / half) * width + 2 * (back % half);
        out[i] = scales[parent] * 0.5f;
        out[count + i] = scales[known + parent] * 0.5f;
    }
}

/* Lets pixels try random pairs and those of their neighbours, in `turns` turns, and keep what is better.
 *
 * own (count), front and back (as many as are known of each side) are pixels. `number` (height, width) holds the number
 * of each unknown pixel, and -1 elsewhere.
 *
 * A turn begins with random pairs, `many` times in the first and once in the others: random (tries, 2, count) in
 * [0, 1), reaches (tries, 2) in places of the lists of the known. Then each pixel tries the pairs of its neighbours in
 * four directions, one after the other, at distances of 1 and, where `far`, of that: those that changed since it last
 * asked there, for what a neighbour had before was refused then and would be again.
 *
 * pair (2, count) holds what is tried first and what was chosen in the end; alpha and distance are written. `room`
 * holds 4 * count integers, cost (count) floats.
 */
KERNEL(search_pairs)(int count, const Pixel *own, const Pixel *front, int fronts, const Pixel *back, int backs,
                     const int32_t *number, int height, int width, int turns, int many, const float *random,
                     const float *reaches, int far, int32_t *room, float *cost, int32_t *pair, float *alpha,
                     float *distance) {
    const int ways[4][2] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}};
    size_t n = (size_t)count;
    int32_t *changed = room, *changed_before = room + n, *before = room + 2 * n;
    Search s = {n, own, front, back, pair, changed, cost, alpha, distance};
    Tries tries;
    int time = 0, asked[8];
    tries.count = 0;
    for (int way = 0; way < 8; way++) asked[way] = -1;
    for (int i = 0; i < count; i++) {
        cost[i] = INFINITY;
        alpha[i] = distance[i] = 0;
        changed[i] = 0;
        JOINED(add, VARIANT)(s, &tries, i, pair[i], pair[n + i], 1, time);
    }
    JOINED(attempt, VARIANT)(s, &tries, time);
    for (int turn = 0; turn < turns; turn++) {
        for (int left = turn ? 1 : many; left; left--, random += 2 * n, reaches += 2) {
            time++;
            for (int i = 0; i < count; i++)
                JOINED(add, VARIANT)(s, &tries, i, JOINED(around, VARIANT)(pair[i], random[i], reaches[0], fronts),
                                     JOINED(around, VARIANT)(pair[n + i], random[n + i], reaches[1], backs), 1, time);
            JOINED(attempt, VARIANT)(s, &tries, time);
        }
        for (int way = 0; way < (far > 1 ? 8 : 4); way++) {
            int since = asked[way], reach = way < 4 ? 1 : far, down = ways[way % 4][0] * reach;
            int right = ways[way % 4][1] * reach;
            asked[way] = time++;
            memcpy(before, pair, sizeof(int32_t) * 2 * n);
            memcpy(changed_before, changed, sizeof(int32_t) * n);
            for (int i = 0; i < count; i++) {
                int y = (int)own[i].y + down, x = (int)own[i].x + right;
                if (y < 0 || y >= height || x < 0 || x >= width) continue;
                int32_t beside = number[(size_t)y * width + x];
                if (beside < 0 || changed_before[beside] <= since) continue;
                int32_t one = before[beside], other = before[n + beside];
                JOINED(add, VARIANT)(s, &tries, i, one, other, (one != pair[i]) | (other != pair[n + i]), time);
            }
            JOINED(attempt, VARIANT)(s, &tries, time);
        }
    }
}

/* The exponential function for -87..88, the same on every platform; cut off outside.
 *
 * Moshier, "Methods and Programs for Mathematical Functions", 1989 (expf of the Cephes library). */
static inline float JOINED(exponential, VARIANT)(float x) {
    x = clipped(x, -87, 88);
    float twos = x * 1.44269504088896341f;
    int32_t whole = (int32_t)(twos + (twos < 0 ? -0.5f : 0.5f));
    float power, rest = x - (float)whole * 0.693359375f;
    rest -= (float)whole * -2.12194440e-4f;
    float sum = 1.9875691500e-4f;
    sum = sum * rest + 1.3981999507e-3f;
    sum = sum * rest + 8.3334519073e-3f;
    sum = sum * rest + 4.1665795894e-2f;
    sum = sum * rest + 1.6666665459e-1f;
    sum = sum * rest + 5.0000001201e-1f;
    sum = sum * (rest * rest) + rest + 1;
    int32_t bits = (whole + 127) * (1 << 23);
    memcpy(&power, &bits, sizeof(float));
    return sum * power;
}

#define PIECE 256 /* pixels that are weighed together */

/* Writes what alpha should be and how much that counts, two planes (height, width): at pixels what a pair says and,
 * where `prior` is given, what was believed before; elsewhere `front`, which counts nothing. The planes may be `prior`
 * and `softness` themselves.
 *
 * image (3, height, width); of each pixel its pair and what search_pairs wrote. A weight or distance is `hard` times e
 * to the power of softness times `ratio`; `softness` and `prior` (height, width) may be null. `alike` is the square of
 * a difference of colours below which a pair says little, `certainty` how many times its weight a belief of 0 or 1
 * counts besides at a hard edge: within a pixel of a matte's outline colours know better.
 */
KERNEL(weigh_pairs)(const float *image, int height, int width, const ptrdiff_t *pixels, const ptrdiff_t *fronts,
                    const ptrdiff_t *backs, const float *alpha, const float *distance, int count,
                    const float *softness, const float *prior, const uint8_t *front_mask, float sample_hard,
                    float sample_ratio, float miss_hard, float miss_ratio, float trust_hard, float trust_ratio,
                    float alike, float certainty, float *target, float *weight) {
    size_t area = (size_t)height * width;
    /* Pixels are in the order of reading: what lies between two is known. */
    for (size_t i = 0, at = 0; i <= (size_t)count; i++) {
        size_t next = i < (size_t)count ? (size_t)pixels[i] : area;
        if (at < next) {
            memset(weight + at, 0, sizeof(float) * (next - at));
            INDEPENDENT
            for (size_t known = at; known < next; known++) target[known] = front_mask[known];
        }
        at = next + 1;
    }
    float contrast[PIECE], soft[PIECE] = {0}, before[PIECE], best[PIECE], counts[PIECE];
    for (int first = 0; first < count; first += PIECE) {
        int many = nearer(PIECE, count - first);
        for (int i = 0; i < many; i++) {
            const float *front = image + fronts[first + i], *back = image + backs[first + i];
            float red = front[0] - back[0], green = front[area] - back[area], blue = front[2 * area] - back[2 * area];
            contrast[i] = red * red + green * green + blue * blue;
            if (softness) soft[i] = softness[pixels[first + i]];
            if (prior) before[i] = prior[pixels[first + i]];
        }
        const float *own = alpha + first, *away = distance + first;
        INDEPENDENT
        for (int i = 0; i < many; i++) {
            float nearness = JOINED(exponential, VARIANT)(-miss_ratio * soft[i]) / miss_hard;
            float confidence = JOINED(exponential, VARIANT)(sample_ratio * soft[i] - away[i] * nearness);
            counts[i] = sample_hard * confidence * (contrast[i] / (contrast[i] + alike));
            best[i] = own[i];
        }
        INDEPENDENT
        for (int i = 0; prior && i < many; i++) {
            float sure = 2 * before[i] - 1;
            for (int times = 0; times < 4; times++) sure *= sure;
            float trust = trust_hard * JOINED(exponential, VARIANT)(trust_ratio * soft[i]);
            trust *= 1 + certainty * (sure * (1 - soft[i]));
            best[i] = (counts[i] * best[i] + trust * before[i]) / (counts[i] + trust);
            counts[i] += trust;
        }
        for (int i = 0; i < many; i++) target[pixels[first + i]] = best[i], weight[pixels[first + i]] = counts[i];
    }
}
