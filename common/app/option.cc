#include "common/app/option.h"

namespace redis_zk::app {

std::string environment_name(const Option& option) {
    std::string name = option.name;
    for (char& letter : name) {
        if (letter == '-') letter = '_';
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return name;
}

std::string flag_name(const Option& option) {
    return option.kind == Kind::secret ? option.name + "-file" : option.name;
}

}  // namespace redis_zk::app
