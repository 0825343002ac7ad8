// What does a chart come to? A stand-in for `helm template`, which Debian does not have: Go's own templates, which Helm's are, with
// those functions of Helm that the chart uses, written here. Another function in a template is an error.
//
//	chart FOLDER < {"Values": …, "Chart": {"AppVersion": …}, "Release": {"Name": …, "Service": …}}
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"text/template"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string) error {
	var about map[string]any
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	if err := decoder.Decode(&about); err != nil {
		return err
	}
	about["Template"] = map[string]any{"BasePath": "templates"}
	all := template.New("chart").Option("missingkey=error")
	all.Funcs(functions(all))
	names, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	if err != nil {
		return err
	}
	sort.Strings(names)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := all.New("templates/" + filepath.Base(name)).Parse(string(text)); err != nil {
			return err
		}
	}
	for _, name := range names {
		if strings.HasPrefix(filepath.Base(name), "_") {
			continue
		}
		var out bytes.Buffer
		if err := all.ExecuteTemplate(&out, "templates/"+filepath.Base(name), about); err != nil {
			return err
		}
		fmt.Printf("---\n%s\n", out.String())
	}
	return nil
}

func functions(all *template.Template) template.FuncMap {
	indented := func(spaces int, text string) string {
		pad := "\n" + strings.Repeat(" ", spaces)
		return pad + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", pad)
	}
	return template.FuncMap{
		"include": func(name string, about any) (string, error) {
			var out bytes.Buffer
			err := all.ExecuteTemplate(&out, name, about)
			return out.String(), err
		},
		"nindent":   indented,
		"quote":     func(value any) string { return fmt.Sprintf("%q", fmt.Sprint(value)) },
		"sha256sum": func(text string) string { sum := sha256.Sum256([]byte(text)); return hex.EncodeToString(sum[:]) },
		// JSON is YAML.
		"toYaml": func(value any) (string, error) { text, err := json.Marshal(value); return string(text), err },
		"int": func(value any) (int, error) {
			var number int
			_, err := fmt.Sscan(fmt.Sprint(value), &number)
			return number, err
		},
		"until": func(count int) []int {
			all := make([]int, count)
			for i := range all {
				all[i] = i
			}
			return all
		},
		"rest": func(list any) []any {
			of := reflect.ValueOf(list)
			var left []any
			for i := 1; i < of.Len(); i++ {
				left = append(left, of.Index(i).Interface())
			}
			return left
		},
		"default": func(otherwise, value any) any {
			if value == nil || value == "" {
				return otherwise
			}
			return value
		},
		"required": func(why string, value any) (any, error) {
			if value == nil || value == "" {
				return nil, fmt.Errorf("%s", why)
			}
			return value, nil
		},
	}
}
