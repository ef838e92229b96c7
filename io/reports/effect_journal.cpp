#include "io/reports/effect_journal.h"

#include "core/base/error.h"

#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace io {

namespace {

using Json = nlohmann::ordered_json;
using core::Error;
using core::ErrorKind;

} // namespace

std::string toHex(const core::Fingerprint& key) { return fmt::format("{:016x}{:016x}", key.high, key.low); }

core::Fingerprint fingerprintFromHex(const std::string& text)
{
    core::Fingerprint key;
    const char* middle = text.data() + std::min<std::size_t>(text.size(), 16);
    const char* end = text.data() + text.size();
    if (text.size() != 32 || std::from_chars(text.data(), middle, key.high, 16).ptr != middle
        || std::from_chars(middle, end, key.low, 16).ptr != end) {
        throw Error(ErrorKind::FileFormat,
                    fmt::format("'{}' is not a key of a journal (32 hexadecimal digits)", text));
    }
    return key;
}

std::string effectToJson(const core::OutputEffect& effect)
{
    Json json{{"outputs", Json::array()}, {"samples", effect.samples}};
    for (const core::OutputEffect::Sums& sums : effect.outputs) {
        json["outputs"].push_back({sums.squaredError, sums.squaredReference});
    }
    if (const auto& a = effect.accuracy) {
        json["accuracy"] = {{"samples", a->samples},
                            {"labelled", a->labelled},
                            {"fp32", {a->fp32.top1, a->fp32.top5}},
                            {"quantized", {a->quantized.top1, a->quantized.top5}},
                            {"top1_agreement", a->top1Agreement},
                            {"ties", a->ties}};
    }
    if (const auto& metric = effect.metric) {
        json["metric"] = {{"kind", metric->kind}, {"drop", metric->drop}};
        if (const auto& i = metric->interval) {
            json["metric"]["interval"] = {i->lower, i->upper, i->method, i->n};
        }
    }
    return json.dump();
}

core::OutputEffect effectFromJson(const std::string& text)
{
    try {
        const Json json = Json::parse(text);
        core::OutputEffect effect;
        for (const Json& pair : json.at("outputs")) {
            // JSON has no infinity: a network that overflowed reads back as one that is all error.
            const auto number = [](const Json& n) {
                return n.is_null() ? std::numeric_limits<double>::infinity() : n.get<double>();
            };
            effect.outputs.push_back({number(pair.at(0)), number(pair.at(1))});
        }
        effect.samples = json.at("samples");
        if (const auto found = json.find("accuracy"); found != json.end()) {
            core::Accuracy a;
            a.samples = found->at("samples");
            a.labelled = found->at("labelled");
            a.fp32 = {found->at("fp32").at(0), found->at("fp32").at(1)};
            a.quantized = {found->at("quantized").at(0), found->at("quantized").at(1)};
            a.top1Agreement = found->at("top1_agreement");
            a.ties = found->at("ties");
            effect.accuracy = a;
        }
        if (const auto found = json.find("metric"); found != json.end()) {
            effect.metric = {found->at("kind"), found->at("drop"), {}};
            if (const auto ends = found->find("interval"); ends != found->end()) {
                effect.metric->interval = {ends->at(0), ends->at(1), ends->at(2), ends->at(3)};
            }
        }
        return effect;
    } catch (const Json::exception& error) {
        throw Error(ErrorKind::FileFormat,
                    fmt::format("journal: an effect cannot be read: {}", error.what()));
    }
}

std::size_t readEffects(const std::vector<std::string>& lines,
                        std::map<core::Fingerprint, core::OutputEffect>& effects)
{
    std::size_t lost = 0;
    for (const std::string& line : lines) {
        try {
            const Json json = Json::parse(line);
            effects[fingerprintFromHex(json.at("key").get<std::string>())] =
                effectFromJson(json.at("effect").dump());
        } catch (const Json::exception&) {
            ++lost;
        } catch (const Error&) {
            ++lost;
        }
    }
    return lost;
}

EffectJournal::EffectJournal(const std::filesystem::path& path, const std::string& modelSha256)
    : m_journal(
        path,
        Json{{"format", "noisefloor-journal/1"}, {"kind", "sensitivity"}, {"model", modelSha256}}.dump())
{
    m_lost = readEffects(m_journal.lines(), m_known);
}

core::EffectMemory EffectJournal::memory()
{
    return {[this](const core::Fingerprint& key) -> std::optional<core::OutputEffect> {
                const auto found = m_known.find(key);
                return found == m_known.end() ? std::nullopt : std::optional(found->second);
            },
            [this](const core::Fingerprint& key, const std::string& what, const core::OutputEffect& effect) {
                m_known[key] = effect;
                m_journal.append(
                    Json{{"key", toHex(key)}, {"what", what}, {"effect", Json::parse(effectToJson(effect))}}
                        .dump());
            }};
}

} // namespace io
