//! Drawings of a few figures, as SVG: bars, and lines over named places with a logarithmic height.

use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const COLOURS: [&str; 7] = ["#1b6ca8", "#c8553d", "#5aa469", "#a06cd5", "#d4a017", "#555555", "#17a2a2"];
/// Told apart without colours too.
const DASHES: [&str; 3] = ["", "7 4", "2 3"];

pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
}

pub(crate) struct Line {
    pub(crate) name: String,
    /// One for each place.
    pub(crate) values: Vec<f64>,
}

/// Lying bars, one below the other.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> String {
    const ROW: f64 = 30.0;
    const LEFT: f64 = 210.0;
    const RIGHT: f64 = 80.0;
    const ABOVE: f64 = 40.0;
    let most = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let mut svg = begin(title, ABOVE + ROW * bars.len() as f64 + 10.0);
    for (place, bar) in bars.iter().enumerate() {
        let (y, width) = (ABOVE + ROW * place as f64, bar.value / most * (WIDTH - LEFT - RIGHT));
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n\
             <rect x=\"{LEFT}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"20\" fill=\"{}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\">{:.0}</text>\n",
            LEFT - 8.0,
            y + 15.0,
            escaped(&bar.name),
            y,
            COLOURS[place % COLOURS.len()],
            LEFT + width + 6.0,
            y + 15.0,
            bar.value,
        );
    }
    svg + "</svg>\n"
}

/// Lines over places that stand equally far apart; each power of ten is equally high.
pub(crate) fn lines(title: &str, places: &[&str], lines: &[Line]) -> String {
    const HEIGHT: f64 = 400.0;
    const LEFT: f64 = 60.0;
    const RIGHT: f64 = 220.0;
    const ABOVE: f64 = 44.0;
    const BELOW: f64 = 40.0;
    let values = || lines.iter().flat_map(|line| &line.values).copied().filter(|value| *value > 0.0);
    let (low, high) = values().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return begin(title, ABOVE) + "</svg>\n";
    }
    let (bottom, top) = (low.log10().floor(), high.log10().ceil().max(low.log10().floor() + 1.0));
    let x = |place: usize| LEFT + place as f64 / (places.len() - 1).max(1) as f64 * (WIDTH - LEFT - RIGHT);
    let height = HEIGHT - ABOVE - BELOW;
    let y = |value: f64| HEIGHT - BELOW - (value.log10().max(bottom) - bottom) / (top - bottom) * height;
    let mut svg = begin(title, HEIGHT);
    let mut power = bottom;
    while power <= top {
        let (value, at) = (10_f64.powf(power), y(10_f64.powf(power)));
        let _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>\n",
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0,
        );
        power += 1.0;
    }
    for (place, name) in places.iter().enumerate() {
        let (across, below) = (x(place), HEIGHT - BELOW + 20.0);
        let _ = writeln!(svg, "<text x=\"{across:.1}\" y=\"{below}\" text-anchor=\"middle\">{name}</text>");
    }
    for (index, line) in lines.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let points: Vec<String> =
            line.values.iter().enumerate().map(|(place, value)| format!("{:.1},{:.1}", x(place), y(*value))).collect();
        let (across, down) = (WIDTH - RIGHT + 16.0, ABOVE + 22.0 * index as f64);
        let dashes = DASHES[index % DASHES.len()];
        let stroke = format!("stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"");
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" {stroke}/>\n\
             <line x1=\"{across}\" x2=\"{:.1}\" y1=\"{down}\" y2=\"{down}\" {stroke}/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            points.join(" "),
            across + 26.0,
            across + 32.0,
            down + 4.0,
            escaped(&line.name),
        );
    }
    svg + "</svg>\n"
}

fn begin(title: &str, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"12\" y=\"20\" font-size=\"14\">{}</text>\n",
        escaped(title)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
