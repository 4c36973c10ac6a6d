package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

var vimType = types.TypeFunc()

// typeNamed finds a type by its name, with or without a prefix.
func typeNamed(name string) (reflect.Type, bool) {
	if at := strings.LastIndex(name, ":"); at >= 0 {
		name = name[at+1:]
	}
	return vimType(name)
}

// checkVersion refuses a version that the server does not speak; the simulator never looks at it.
func checkVersion(action, api string) soap.HasFault {
	version := strings.TrimPrefix(strings.Trim(action, `"`), "urn:vim25")
	version = strings.TrimPrefix(version, "/")
	if version != "" && compareVersions(version, api) > 0 {
		return refusalSaying(fmt.Sprintf("Unsupported version URI %q", strings.Trim(action, `"`)), &types.InvalidRequest{})
	}
	return nil
}

func compareVersions(a, b string) int {
	left, right := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(left) || i < len(right); i++ {
		var x, y int
		if i < len(left) {
			fmt.Sscan(left[i], &x)
		}
		if i < len(right) {
			fmt.Sscan(right[i], &y)
		}
		if x != y {
			return x - y
		}
	}
	return 0
}

// element is what the schema says of one position in a sequence.
type element struct {
	name     string
	kind     reflect.Type
	many     bool
	required bool
}

// checkSchema compares a request with the schema as vSphere does, which takes elements in their order only and no unknown
// ones. Go's decoder takes any order. The order of govmomi's fields is the schema's. The answer is empty when all is well.
func checkSchema(raw []byte) string {
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	inBody := false
	for {
		token, err := decoder.Token()
		if err != nil {
			return "The request has no body: " + err.Error()
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok || start.Name.Local == "Envelope":
		case start.Name.Local == "Header":
			_ = decoder.Skip()
		case start.Name.Local == "Body":
			inBody = true
		case inBody:
			return checkMethod(decoder, start)
		}
	}
}

func checkMethod(decoder *xml.Decoder, start xml.StartElement) string {
	if start.Name.Space != namespace {
		return fmt.Sprintf("Unable to resolve WSDL method name %s in namespace %q", start.Name.Local, start.Name.Space)
	}
	kind, ok := vimType(start.Name.Local)
	if !ok {
		return "Unable to resolve WSDL method name " + start.Name.Local
	}
	return checkContent(decoder, start.Name.Local, kind)
}

// checkContent reads up to the end of the element that was just opened.
func checkContent(decoder *xml.Decoder, owner string, kind reflect.Type) string {
	sequence, isSequence := sequenceOf(kind)
	if !isSequence {
		if err := decoder.Skip(); err != nil {
			return err.Error()
		}
		return ""
	}
	at, seen := 0, map[string]bool{}
	for {
		token, err := decoder.Token()
		if err != nil {
			return err.Error()
		}
		switch t := token.(type) {
		case xml.EndElement:
			for _, e := range sequence {
				if e.required && !seen[e.name] {
					return fmt.Sprintf("Required property %s is missing from data object of type %s", e.name, owner)
				}
			}
			return ""
		case xml.StartElement:
			position := at
			for position < len(sequence) && sequence[position].name != t.Name.Local {
				position++
			}
			if position == len(sequence) || (seen[t.Name.Local] && !sequence[position].many) {
				return fmt.Sprintf("Unexpected element tag %q seen while parsing %s", t.Name.Local, owner)
			}
			at = position
			seen[t.Name.Local] = true
			if violation := checkElement(decoder, t, sequence[position].kind); violation != "" {
				return violation
			}
		}
	}
}

func checkElement(decoder *xml.Decoder, start xml.StartElement, declared reflect.Type) string {
	if start.Name.Space != namespace {
		return fmt.Sprintf("Unexpected namespace %q of element %s", start.Name.Space, start.Name.Local)
	}
	kind := declared
	for _, attribute := range start.Attr {
		if attribute.Name.Space != schemaInstance || attribute.Name.Local != "type" {
			continue
		}
		local := attribute.Value[strings.LastIndex(attribute.Value, ":")+1:]
		if named, ok := vimType(local); ok {
			kind = named
		} else if strings.HasPrefix(local, "ArrayOf") || declared.Kind() == reflect.Struct {
			return fmt.Sprintf("Type %q of element %s is unknown", attribute.Value, start.Name.Local)
		}
	}
	if kind.Kind() == reflect.Interface {
		// Without xsi:type an element is of its declared type: govmomi's BaseX stands for X.
		if base, ok := vimType(strings.TrimPrefix(kind.Name(), "Base")); ok {
			kind = base
		}
	}
	return checkContent(decoder, kind.Name(), kind)
}

// sequenceOf lists a structure's elements, those of its base first; false for what is a plain value.
func sequenceOf(kind reflect.Type) ([]element, bool) {
	if kind.Kind() != reflect.Struct || kind == reflect.TypeOf(ref{}) || kind.PkgPath() == "time" {
		return nil, false
	}
	var sequence []element
	for i := 0; i < kind.NumField(); i++ {
		field := kind.Field(i)
		if field.Anonymous {
			base, _ := sequenceOf(field.Type)
			sequence = append(sequence, base...)
			continue
		}
		options := strings.Split(field.Tag.Get("xml"), ",")
		e := element{name: options[0], kind: field.Type}
		isOptional := strings.Contains(field.Tag.Get("xml"), ",omitempty")
		switch field.Type.Kind() {
		case reflect.Slice:
			// []byte is one value.
			e.many = field.Type.Elem().Kind() != reflect.Uint8
			e.kind = field.Type.Elem()
		case reflect.Ptr:
			e.kind = field.Type.Elem()
		default:
			e.required = !isOptional
		}
		sequence = append(sequence, e)
	}
	return sequence, true
}
