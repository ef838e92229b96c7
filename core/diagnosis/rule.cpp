#include "core/diagnosis/rule.h"

#include "core/diagnosis/rules/rules.h"

#include <array>

namespace core {

std::span<const DiagnosisRule> diagnosisRules()
{
    static constexpr std::array kRules{
        DiagnosisRule{"non-finite values", rules::findNonFiniteValues},
        DiagnosisRule{"outlier sample", rules::findOutlierSample},
        DiagnosisRule{"input slips", rules::findInputSlips},
        DiagnosisRule{"unlike calibration", rules::findUnlikeCalibration},
        DiagnosisRule{"manual ranges", rules::findManualRanges},
        DiagnosisRule{"clipping", rules::findClipping},
        DiagnosisRule{"stretched ranges", rules::findStretchedRanges},
        DiagnosisRule{"outlier channels", rules::findOutlierChannels},
        DiagnosisRule{"unbalanced inputs", rules::findUnbalancedInputs},
        DiagnosisRule{"wasted bits", rules::findWastedBits},
        DiagnosisRule{"bounded outputs", rules::findBoundedOutputs},
        DiagnosisRule{"weight scales", rules::findWeightScales},
        DiagnosisRule{"too few bits", rules::findTooFewBits},
        DiagnosisRule{"pair saturation", rules::findPairSaturation},
        DiagnosisRule{"mean shift", rules::findMeanShift},
        DiagnosisRule{"structure", rules::findStructure},
        DiagnosisRule{"constant tensors", rules::findConstantTensors},
        DiagnosisRule{"idle plan entries", rules::findIdlePlanEntries},
        DiagnosisRule{"ordinary rounding", rules::findOrdinaryRounding}, // last: what the others leave
    };
    return kRules;
}

} // namespace core
