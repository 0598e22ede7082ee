#include "common/app/source.h"

#include <algorithm>
#include <utility>

namespace redis_zk::app {

void Source::add(const std::string& name, Given one, const std::vector<Option>& table) {
    const auto found = given.find(name);
    const bool is_list = std::ranges::any_of(table, [&name](const Option& option) {
        return option.is_list && flag_name(option) == name;
    });
    if (found == given.end())
        given.emplace(name, std::move(one));
    else if (is_list)
        found->second.value += ',' + one.value;
    else
        mistakes.push_back(one.as + ": is given twice");
}

std::string spoken_secret_refusal(std::string_view name, const std::vector<Option>& table) {
    for (const Option& option : table) {
        if (option.kind != Kind::secret || option.name != name) continue;
        return "a secret is not written there; use " + flag_name(option) + ", or " +
               environment_name(option) + " in the environment";
    }
    return "";
}

std::vector<std::string> known_names(const std::vector<Option>& table) {
    std::vector<std::string> names;
    for (const Option& option : table) names.push_back(flag_name(option));
    return names;
}

}  // namespace redis_zk::app
