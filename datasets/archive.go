package datasets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gogan-ml/gogan/internal/fetch"
	"github.com/gogan-ml/gogan/internal/home"
)

// An archive is a zip of pictures that is downloaded from its authors.
type archive struct {
	name    string // of the set
	file    string // of the zip
	bytes   int64
	sha256  string
	licence string // of the pictures
	dir     string // where the zip is kept; "": in the home of gogan
	mirrors []string
	options *fetch.Options
}

// cycleGANMirror holds the sets of the paper, each as NAME.zip.
const cycleGANMirror = "https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/"

// Whose pictures they are, as the paper and its repository say; the zips hold no licences.
const (
	ofImageNet = "photos of ImageNet: its terms, for research only"
	ofFlickr   = "photos of Flickr: those of their authors"
	ofWikiArt  = "paintings of WikiArt, photos of Flickr: those of their owners"
)

// cycleGANSets are the sets of Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
// Networks", arXiv:1703.10593, with the sizes and sums that TensorFlow Datasets publishes (url_checksums/cycle_gan.txt).
// Cityscapes is not among them: its licence forbids to pass it on.
func cycleGANSets() []archive {
	sets := []archive{
		{name: "horse2zebra", bytes: 116867962, sha256: "a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1", licence: ofImageNet},
		{name: "apple2orange", bytes: 78456409, sha256: "845a191e9af8926408ea597001cd03a452e3300a1f44a79fe329b3d59f6e3eb8", licence: ofImageNet},
		{name: "summer2winter", file: "summer2winter_yosemite.zip", bytes: 132640856, sha256: "167fe1726807a9d22bd106b4a6c0bd7953b688af924ac1bf967439c4961e49f9", licence: ofFlickr},
		{name: "monet2photo", bytes: 305231073, sha256: "88f91b00fc228f97c9411fbf1880ec1d119c98f1722e4cfcfaa2fb35fac05b04", licence: ofWikiArt},
		{name: "vangogh2photo", bytes: 306590349, sha256: "362c3473e70be0944bda08d49d660eafdc2854df55d697835b8186d1d79caaff", licence: ofWikiArt},
		{name: "cezanne2photo", bytes: 279885071, sha256: "3a6c10ca21f9485862f1cbd707744b9dc258954a04631271d23a3605eeb63cff", licence: ofWikiArt},
		{name: "ukiyoe2photo", bytes: 292946532, sha256: "02a2a2fb5ecf425ca1bf86aca7304377da64a2a1d3b86df54eb65e4068bf3b08", licence: ofWikiArt},
		{name: "maps", bytes: 1476754427, sha256: "639534f69dbf9f36bef8d6292a7698006361221f83f0285d7c9ca78afe6e8a9e", licence: "Google Maps: its terms"},
		{name: "facades", bytes: 35135868, sha256: "9a31ebf3a31b9b5cd195dd5bf62e9308e00cb94604d1019e3889ac84248695c0", licence: "CMP Facade Database: its terms"},
		{name: "iphone2dslr_flower", bytes: 339964458, sha256: "8fcb5e374d631b107e1d961b8c4cd0a186aa2a4ff3e279923f4c426128de7113", licence: ofFlickr},
	}
	for i := range sets {
		a := &sets[i]
		if a.file == "" {
			a.file = a.name + ".zip"
		}
		a.mirrors = []string{cycleGANMirror}
	}
	return sets
}

func (a archive) path() string {
	if a.dir == "" {
		return home.Join("data", "cyclegan", a.file)
	}
	return filepath.Join(a.dir, a.file)
}

// ready says whether the zip is here, by its size: nothing is put into place unless its sum was right, and the pictures
// of a zip have sums of their own.
func (a archive) ready() bool {
	info, err := os.Stat(a.path())
	return err == nil && info.Mode().IsRegular() && info.Size() == a.bytes
}

// where says in words where the zip is.
func (a archive) where() string {
	if a.ready() {
		return a.path()
	}
	return fmt.Sprintf("not on this machine: gogan data fetch %s (%d MB)", a.name, (a.bytes+500_000)/1_000_000)
}

// fetch makes sure that the zip is here, going on where an earlier call was broken off. progress may be nil.
func (a archive) fetch(ctx context.Context, progress Progress) error {
	wanted := fetch.File{Path: a.path(), SHA256: a.sha256, MaxBytes: a.bytes}
	for _, mirror := range a.mirrors {
		wanted.URLs = append(wanted.URLs, mirror+a.file)
	}
	var opt fetch.Options
	if a.options != nil {
		opt = *a.options
	}
	opt.Progress = progress
	if err := fetch.Get(ctx, wanted, &opt); err != nil {
		return fmt.Errorf("datasets: %s could not be downloaded: %w; the same call goes on from there, or put the file at %s", a.file, err, wanted.Path)
	}
	return nil
}

// open opens one side, and downloads the zip if it is not here.
func (a archive) open(s side, c config) (*opened, error) {
	if !a.ready() {
		if err := a.fetch(c.ctx, c.progress); err != nil {
			return nil, err
		}
	}
	return openZip(a.path(), s.String(), a.name+":"+s.String())
}

// splits counts the pictures of the sides that a zip on this machine has.
func (a archive) splits() ([]SplitInfo, error) {
	var out []SplitInfo
	for _, name := range []string{"trainA", "trainB", "testA", "testB"} {
		s, err := openZip(a.path(), name, name)
		if err != nil {
			return nil, err
		}
		out = append(out, SplitInfo{name, s.count()})
		if err := s.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
