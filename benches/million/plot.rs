//! The rate of imports over what was imported, drawn as SVG.

use std::fmt::Write as _;
use std::path::Path;

use crate::steps::Curve;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 380.0;
/// What is left around the plot: left, right, above, below.
const MARGINS: [f64; 4] = [64.0, 20.0, 44.0, 48.0];
/// Told apart without colours too: a PostgreSQL line is dashed.
const COLOURS: [&str; 4] = ["#1b6ca8", "#c8553d", "#5aa469", "#a06cd5"];

pub(crate) struct Line<'a> {
    pub(crate) name: String,
    pub(crate) is_dashed: bool,
    pub(crate) curve: &'a Curve,
}

/// Draws the lines, four at most, into one picture.
pub(crate) fn write(lines: &[Line<'_>], path: &Path) {
    std::fs::write(path, draw(lines)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn draw(lines: &[Line<'_>]) -> String {
    let steps = || lines.iter().flat_map(|line| &line.curve.steps);
    let claims = steps().map(|step| step.until).max().unwrap_or(1) as f64;
    let rate = round_above(steps().map(|step| step.rate()).fold(1.0, f64::max));
    let [left, right, above, below] = MARGINS;
    let x = |value: f64| left + value / claims * (WIDTH - left - right);
    let y = |value: f64| HEIGHT - below - value / rate * (HEIGHT - above - below);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for part in 0..=4 {
        let (across, up) = (claims * f64::from(part) / 4.0, rate * f64::from(part) / 4.0);
        let (end, base) = (WIDTH - right, HEIGHT - below);
        let _ = write!(
            svg,
            "<line x1=\"{left}\" x2=\"{end}\" y1=\"{0:.1}\" y2=\"{0:.1}\" stroke=\"#ddd\"/>\n\
             <text x=\"{1}\" y=\"{2:.1}\" text-anchor=\"end\">{3}</text>\n\
             <text x=\"{4:.1}\" y=\"{5}\" text-anchor=\"middle\">{6}</text>\n",
            y(up),
            left - 8.0,
            y(up) + 4.0,
            thousands(up),
            x(across),
            base + 18.0,
            thousands(across),
        );
    }
    for (index, (line, colour)) in lines.iter().zip(COLOURS).enumerate() {
        let dashes = if line.is_dashed { " stroke-dasharray=\"6 4\"" } else { "" };
        let places: Vec<String> =
            line.curve.steps.iter().map(|step| format!("{:.1},{:.1}", x(step.until as f64), y(step.rate()))).collect();
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>\n",
            places.join(" "),
            left + 172.0 * index as f64,
            above - 18.0,
            line.name,
        );
    }
    let (middle, base) = ((left + WIDTH - right) / 2.0, HEIGHT - 10.0);
    let _ = writeln!(svg, "<text x=\"{middle}\" y=\"{base}\" text-anchor=\"middle\">claims imported</text>");
    let _ = write!(svg, "<text x=\"8\" y=\"14\">claims a second</text>\n</svg>\n");
    svg
}

/// The next number that four lines divide well.
fn round_above(value: f64) -> f64 {
    let unit = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 4.0, 6.0, 8.0, 10.0].into_iter().map(|times| times * unit).find(|end| *end >= value).unwrap_or(value)
}

fn thousands(value: f64) -> String {
    let (size, unit) = if value >= 1e6 { (value / 1e6, " M") } else { (value / 1e3, " k") };
    let digits = usize::from(size.fract() > 0.0);
    if value > 0.0 { format!("{size:.digits$}{unit}") } else { "0".to_owned() }
}
