#pragma once

#include "core/diagnosis/rule.h"

#include <vector>

namespace core::rules {

void findNonFiniteValues(const DiagnosisInput& input, std::vector<Finding>& findings);
void findOutlierSample(const DiagnosisInput& input, std::vector<Finding>& findings);
void findInputSlips(const DiagnosisInput& input, std::vector<Finding>& findings);
void findUnlikeCalibration(const DiagnosisInput& input, std::vector<Finding>& findings);
void findManualRanges(const DiagnosisInput& input, std::vector<Finding>& findings);
void findClipping(const DiagnosisInput& input, std::vector<Finding>& findings);
void findStretchedRanges(const DiagnosisInput& input, std::vector<Finding>& findings);
void findOutlierChannels(const DiagnosisInput& input, std::vector<Finding>& findings);
void findUnbalancedInputs(const DiagnosisInput& input, std::vector<Finding>& findings);
void findWastedBits(const DiagnosisInput& input, std::vector<Finding>& findings);
void findBoundedOutputs(const DiagnosisInput& input, std::vector<Finding>& findings);
void findWeightScales(const DiagnosisInput& input, std::vector<Finding>& findings);
void findTooFewBits(const DiagnosisInput& input, std::vector<Finding>& findings);
void findPairSaturation(const DiagnosisInput& input, std::vector<Finding>& findings);
void findMeanShift(const DiagnosisInput& input, std::vector<Finding>& findings);
void findOrdinaryRounding(const DiagnosisInput& input, std::vector<Finding>& findings);
void findStructure(const DiagnosisInput& input, std::vector<Finding>& findings);
void findConstantTensors(const DiagnosisInput& input, std::vector<Finding>& findings);
void findIdlePlanEntries(const DiagnosisInput& input, std::vector<Finding>& findings);

} // namespace core::rules
