#include "io/files/json_keys.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace io {

namespace {

/// Hears what a parser reads.
struct KeyWatcher : nlohmann::json_sax<nlohmann::json>
{
    std::vector<std::set<std::string>> open; ///< keys of the objects that are open
    std::string twice;

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override
    {
        return false;
    }
    bool start_object(std::size_t) override
    {
        open.emplace_back();
        return true;
    }
    bool end_object() override
    {
        open.pop_back();
        return true;
    }
    bool key(string_t& name) override
    {
        const bool isNew = open.back().insert(name).second;
        twice = isNew ? "" : name;
        return isNew;
    }
};

} // namespace

void refuseDuplicateKeys(std::string_view json, std::string_view file)
{
    KeyWatcher watcher;
    if (!nlohmann::json::sax_parse(json, &watcher) && !watcher.twice.empty()) {
        throw core::Error(core::ErrorKind::FileFormat,
                          fmt::format("{}: the key '{}' stands twice in one object", file, watcher.twice));
    }
}

} // namespace io
