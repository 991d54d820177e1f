//! Behaviour of the layer as a whole, by theme.

mod support;

mod compact;
mod crash;
mod damage;
mod faults;
mod index;
mod log;
mod measure;
mod merge;
mod probe;
mod remains;
mod tail;
mod tap;
mod terms;
