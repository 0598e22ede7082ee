#include "common/app/metrics.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>

#include <fmt/core.h>

namespace redis_zk::app {

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
constexpr std::string_view digits = "0123456789";

// A colon is for the rules of who collects them.
bool is_name(std::string_view name) {
    const auto may_follow = [](char c) {
        return letters.find(c) != std::string_view::npos ||
               digits.find(c) != std::string_view::npos;
    };
    return !name.empty() && letters.find(name.front()) != std::string_view::npos &&
           std::ranges::all_of(name, may_follow);
}

std::string escaped(std::string_view text, std::string_view special) {
    std::string result;
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) result += '\\';
        result += c == '\n' ? 'n' : c;
    }
    return result;
}

std::string written(const Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels)
        text += (text.empty() ? "{" : ",") + name + "=\"" + escaped(value, "\\\"\n") + '"';
    return text.empty() ? text : text + '}';
}

// As short as it can be read back.
std::string written(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

}  // namespace

void Counter::add(double amount) {
    if (amount > 0) *value_ += amount;
}

double& Metrics::number(Kind kind, const std::string& name, const std::string& help,
                        const Labels& labels) {
    const bool are_names = is_name(name) && std::ranges::all_of(labels, [](const auto& label) {
                               return is_name(label.first);
                           });
    if (!are_names) throw std::invalid_argument{"no name of a metric: " + name + written(labels)};
    Family& family = families_.try_emplace(name, Family{kind, help, {}}).first->second;
    if (family.kind != kind) throw std::invalid_argument{name + " is a metric of another kind"};
    return family.values[labels];
}

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
    return Counter{number(Kind::counter, name, help, labels)};
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return Gauge{number(Kind::gauge, name, help, labels)};
}

std::string Metrics::exposition() const {
    std::string page;
    for (const auto& [name, family] : families_) {
        const char* kind = family.kind == Kind::counter ? " counter" : " gauge";
        page += "# HELP " + name + ' ' + escaped(family.help, "\\\n") + "\n# TYPE " + name + kind +
                '\n';
        for (const auto& [labels, value] : family.values)
            page += name + written(labels) + ' ' + written(value) + '\n';
    }
    return page;
}

}  // namespace redis_zk::app
