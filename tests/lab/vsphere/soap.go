package main

import (
	"bytes"
	"net/http"
	"reflect"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

const namespace = "urn:vim25"

// reply is an answer of the lab's own: either a response structure or a fault.
type reply struct {
	Res    interface{}
	fault_ *soap.Fault
}

func (r *reply) Fault() *soap.Fault { return r.fault_ }

func answer(response interface{}) soap.HasFault { return &reply{Res: response} }

func refusal(fault types.BaseMethodFault) soap.HasFault {
	return refusalSaying(messageOf(fault), fault)
}

func refusalSaying(message string, fault types.BaseMethodFault) soap.HasFault {
	f := &soap.Fault{Code: "ServerFaultCode", String: message}
	f.Detail.Fault = fault
	return &reply{fault_: f}
}

type envelope struct {
	XMLName xml.Name `xml:"soapenv:Envelope"`
	Env     string   `xml:"xmlns:soapenv,attr"`
	XSD     string   `xml:"xmlns:xsd,attr"`
	XSI     string   `xml:"xmlns:xsi,attr"`
	Body    struct {
		Content interface{}
	} `xml:"soapenv:Body"`
}

type faultElement struct {
	XMLName xml.Name `xml:"soapenv:Fault"`
	Code    string   `xml:"faultcode"`
	String  string   `xml:"faultstring"`
	Detail  struct {
		Fault *faultDetail
	} `xml:"detail"`
}

type faultDetail struct{ fault interface{} }

func (d *faultDetail) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	kind := reflect.TypeOf(d.fault).Elem().Name()
	start.Name.Local = kind + "Fault"
	start.Attr = append(start.Attr,
		xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: namespace},
		xml.Attr{Name: xml.Name{Local: "xsi:type"}, Value: kind})
	return e.EncodeElement(d.fault, start)
}

type responseElement struct{ value interface{} }

// taskResponse is what every method that makes a task answers.
type taskResponse struct {
	method    string
	Returnval ref `xml:"returnval"`
}

func (r *responseElement) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	kind := reflect.TypeOf(r.value).Elem().Name()
	if task, ok := r.value.(*taskResponse); ok {
		kind = task.method + "Response"
	}
	return e.EncodeElement(r.value, xml.StartElement{Name: xml.Name{Space: namespace, Local: kind}})
}

// writeSoap writes an answer, be it the lab's own or one that a simulator's method gave.
func writeSoap(w http.ResponseWriter, result soap.HasFault) {
	out := envelope{
		Env: "http://schemas.xmlsoap.org/soap/envelope/",
		XSD: "http://www.w3.org/2001/XMLSchema",
		XSI: "http://www.w3.org/2001/XMLSchema-instance",
	}
	status := http.StatusOK
	if fault := result.Fault(); fault != nil {
		status = http.StatusInternalServerError
		element := &faultElement{Code: fault.Code, String: fault.String}
		element.Detail.Fault = &faultDetail{fault.Detail.Fault}
		out.Body.Content = element
	} else {
		out.Body.Content = &responseElement{reflect.ValueOf(result).Elem().FieldByName("Res").Interface()}
	}
	var text bytes.Buffer
	text.WriteString(xml.Header)
	if err := xml.NewEncoder(&text).Encode(&out); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

// recorder holds an answer of the simulator back, so that it can be read and changed.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}, status: http.StatusOK} }

func (r *recorder) Header() http.Header               { return r.header }
func (r *recorder) WriteHeader(status int)            { r.status = status }
func (r *recorder) Write(content []byte) (int, error) { return r.body.Write(content) }

func (r *recorder) sendTo(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes())
}
