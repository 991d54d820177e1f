//! The macro behind the list of settings: one declaration makes the flag, the variable, the file key, the
//! default, the limits, the resolved field and the row of the documentation, so that they cannot disagree.

/// Declares groups of settings; see `settings.rs` for its one use.
///
/// A line reads `/// help`, `name: Type = default, in min => max, "VARIABLE";` with the range optional.
macro_rules! settings {
    ($(
        $(#[doc = $group_doc:literal])+
        $group:ident: $Group:ident {
            $(
                $(#[doc = $doc:literal])+
                $name:ident: $type:ty = $default:expr $(, in $min:expr => $max:expr)?, $env:literal;
            )+
        }
    )+) => {
        $(
            $(#[doc = $group_doc])+
            #[derive(Clone, Debug, PartialEq, serde::Serialize)]
            pub struct $Group {
                $($(#[doc = $doc])+ pub $name: $type,)+
            }

            impl Default for $Group {
                fn default() -> Self {
                    Self { $($name: $default,)+ }
                }
            }
        )+

        /// The effective configuration: every setting has a value, and each was checked.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Config {
            $($(#[doc = $group_doc])+ pub $group: $Group,)+
        }

        /// What one place (flags and environment, or the file) says: any setting may be missing.
        #[derive(Clone, Debug, Default, clap::Args, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Partial {
            $($(
                $(#[doc = $doc])+
                #[arg(long, env = $env, hide_env_values = true, global = true, help_heading = stringify!($Group), value_name = "VALUE")]
                pub $name: Option<$type>,
            )+)+
        }

        impl Config {
            /// The defaults, under the file, under the flags and environment; then every limit is checked.
            pub fn resolve(given: Partial, file: Partial) -> Result<Self, super::Error> {
                let default = Self::default();
                let config = Self {
                    $($group: $Group {
                        $($name: given.$name.or(file.$name).unwrap_or(default.$group.$name),)+
                    },)+
                };
                $($($(
                    let (value, min, max) = (&config.$group.$name, &$min, &$max);
                    if value < min || value > max {
                        return Err(super::Error::OutOfRange {
                            name: stringify!($name),
                            value: value.to_string(),
                            limits: format!("{min} to {max}"),
                        });
                    }
                )?)+)+
                Ok(config)
            }

            /// Each group's name with its settings' effective values, in declaration order.
            pub(super) fn values(&self) -> Vec<(&'static str, Vec<(&'static str, Option<toml::Value>)>)> {
                vec![$((
                    stringify!($Group),
                    vec![$((stringify!($name), toml::Value::try_from(&self.$group.$name).ok()),)+],
                ),)+]
            }
        }

        /// Every setting, in the order of the documentation.
        pub fn all() -> Vec<Setting> {
            let default = Config::default();
            vec![$($(Setting {
                group: stringify!($Group),
                name: stringify!($name),
                env: $env,
                help: concat!($($doc),+),
                default: super::show(toml::Value::try_from(&default.$group.$name).ok()),
                limits: None $(.or(Some(format!("{} to {}", $min, $max))))?,
            },)+)+]
        }
    };
}

pub(super) use settings;
