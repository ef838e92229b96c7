/* The C interface of calibration collectors: a shared library that chooses ranges for Noisefloor.
 *
 * A library exports one function, noisefloor_collector_at(index), which returns its collectors one after the
 * other and NULL after the last. The user registers the folder that holds the library in the settings file; a
 * plan then says "method": "custom:NAME". A plan alone can never load anything.
 *
 * For every tensor that a collector is asked for, create() makes a state; collect() is given the finite
 * values of each calibration sample, in data order and from one thread at a time; range() answers after the
 * last sample, possibly more than once and from several threads; destroy() ends the state. Nothing given to a
 * function outlives the call. Functions must not throw. */
#ifndef NOISEFLOOR_COLLECTOR_H
#define NOISEFLOOR_COLLECTOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Goes up with every change that is not compatible. */
#define NOISEFLOOR_COLLECTOR_ABI 1u

/* What is known of the tensor over all calibration samples. NaN and infinities are counted and otherwise left
 * out. */
typedef struct noisefloor_statistics
{
    uint64_t samples;
    uint64_t count; /* finite values */
    uint64_t zeros; /* of them exactly 0; these are in no bin */
    uint64_t nans;
    uint64_t infinities;
    double min;
    double max;
    double mean;
    double variance;
    double lowest; /* lower edge of bin 0 */
    double bin_width; /* a power of two */
    size_t bins; /* may be 0 */
    const uint64_t*
        counts; /* `bins` of them; bin i covers [lowest + i * bin_width, lowest + (i + 1) * bin_width) */
} noisefloor_statistics;

/* What the range is for. */
typedef struct noisefloor_target
{
    int bits; /* 2 … 16 */
    int symmetric; /* 1: signed codes around 0; 0: any zero point */
} noisefloor_target;

typedef struct noisefloor_collector
{
    uint32_t abi; /* NOISEFLOOR_COLLECTOR_ABI */
    const char* name; /* letters, digits, '_', '-', '.': what follows "custom:" in a plan */
    const char* help; /* one line for people */

    /* NULL tells of a failure. */
    void* (*create)(const char* tensor);
    /* 0 is success. The pointer may be NULL when statistics are enough. */
    int (*collect)(void* state, const float* values, size_t count);
    /* 0 is success; *min <= *max, finite. The range is widened to contain 0. */
    int (*range)(const void* state, const noisefloor_statistics* statistics, const noisefloor_target* target,
                 double* min, double* max);
    void (*destroy)(void* state);
} noisefloor_collector;

/* The one symbol of a library. */
const noisefloor_collector* noisefloor_collector_at(size_t index);

#ifdef __cplusplus
}
#endif

#endif
