#include "common/app/source.h"

namespace redis_zk::app {

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
