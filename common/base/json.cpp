// nlohmann::json, compiled here once; the precompiled headers tell every other file so.
#include <nlohmann/json.hpp>

template class nlohmann::basic_json<>;
