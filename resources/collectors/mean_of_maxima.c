/* An example of a calibration collector: the mean over the samples of each sample's smallest and largest value.
 *
 *   cc -shared -fPIC -I core/calibration -o collectors/mean_of_maxima.so resources/collectors/mean_of_maxima.c
 *
 * then {"collectors": {"folder": "collectors"}} in the settings file and "method": "custom:mean-of-maxima" in a plan. */
#include "noisefloor_collector.h"

#include <stdlib.h>

struct state
{
    double min_sum;
    double max_sum;
    size_t samples;
};

static void* create(const char* tensor)
{
    (void)tensor;
    return calloc(1, sizeof(struct state));
}

static int collect(void* opaque, const float* values, size_t count)
{
    struct state* state = opaque;
    float min = 0.0f;
    float max = 0.0f;
    for (size_t i = 0; i < count; ++i) {
        min = values[i] < min ? values[i] : min;
        max = values[i] > max ? values[i] : max;
    }
    state->min_sum += min;
    state->max_sum += max;
    ++state->samples;
    return 0;
}

static int range(const void* opaque, const noisefloor_statistics* statistics, const noisefloor_target* target, double* min,
                 double* max)
{
    const struct state* state = opaque;
    (void)statistics;
    (void)target;
    if (state->samples == 0) {
        return 1;
    }
    *min = state->min_sum / (double)state->samples;
    *max = state->max_sum / (double)state->samples;
    return 0;
}

static const noisefloor_collector collector = {
    .abi = NOISEFLOOR_COLLECTOR_ABI,
    .name = "mean-of-maxima",
    .help = "mean of the smallest and of the largest value of each sample",
    .create = create,
    .collect = collect,
    .range = range,
    .destroy = free,
};

const noisefloor_collector* noisefloor_collector_at(size_t index)
{
    return index == 0 ? &collector : NULL;
}
