package notebooks

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"image"
	"image/png"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/gogan-ml/gogan/datasets/imaging"
	"github.com/gogan-ml/gogan/metrics/stats"
	"github.com/gogan-ml/gogan/notebooks/figures"
)

// Show shows pictures in rows of `columns`, as one PNG; columns 0 makes the rows about as long as the columns. Small
// pictures are enlarged by a whole factor.
func Show(columns int, imgs ...image.Image) {
	if len(imgs) == 0 {
		M(errors.New("notebooks: Show got no picture"))
	}
	tiles := make([]*imaging.Image8, len(imgs))
	for i, img := range imgs {
		tiles[i] = imaging.ToImage8(img, channels(img))
	}
	showPicture(imaging.Grid(tiles, columns, 2).Image())
}

// channels returns 1 for a grey picture and 3 for any other.
func channels(img image.Image) int {
	switch img.(type) {
	case *image.Gray, *image.Gray16:
		return 1
	}
	return 3
}

// Plot shows a figure as a PNG.
func Plot(f *figures.Figure) { showPNG(M1(f.PNG())) }

// Scores shows scores as a table, each with how it was made.
func Scores(results []stats.Result) {
	if !gonbui.IsNotebook {
		for _, r := range results {
			fmt.Println(r)
		}
		return
	}
	gonbui.DisplayHTML(scoreTable(results))
	flush()
}

// scoreTable is the HTML of [Scores], without style or script, so that every viewer shows it.
func scoreTable(results []stats.Result) string {
	var b strings.Builder
	b.WriteString("<table><tr><th>score</th><th>value</th><th>95 % interval</th><th>reals</th><th>fakes</th>" +
		"<th>extractor</th><th>preprocessing</th><th>seed</th></tr>")
	for _, r := range results {
		value := fmt.Sprintf("%.4g", r.Value)
		if r.StdOf != "" {
			value += fmt.Sprintf(" ± %.2g (%s)", r.Std, r.StdOf)
		}
		interval := ""
		if r.CI != [2]float64{} {
			interval = fmt.Sprintf("%.4g to %.4g", r.CI[0], r.CI[1])
		}
		extractor := r.Extractor
		if r.WeightsSHA256 != "" && !r.WeightsOfficial {
			extractor += " (weights not the published ones)"
		}
		b.WriteString("<tr>")
		for _, cell := range []string{r.Name, value, interval, fmt.Sprint(r.NReal), fmt.Sprint(r.NFake), extractor,
			r.Preprocess, fmt.Sprint(r.Seed)} {
			fmt.Fprintf(&b, "<td>%s</td>", html.EscapeString(cell))
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return b.String()
}

// showPicture shows a picture, enlarged if it is small.
func showPicture(img image.Image) {
	showPNG(M1(encode(figures.Enlarge(img, figures.Enlargement(img)))))
}

func encode(img image.Image) ([]byte, error) {
	var data bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&data, img)
	return data.Bytes(), err
}

func showPNG(data []byte) {
	gonbui.DisplayPNG(data)
	flush()
}
