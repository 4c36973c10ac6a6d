using System.Collections;
using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>Data objects as XML: fields in the order of the schema, types named where the schema has a base type there.</summary>
internal static class VimData
{
    public static readonly XNamespace Vim = "urn:vim25";
    public static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";
    public static readonly XNamespace Schema = "http://www.w3.org/2001/XMLSchema";

    /// <summary>A data object. Its element's name is given where it is put: see <see cref="Field"/>.</summary>
    /// <param name="fields">Null values and empty lists are left out.</param>
    public static XElement Of(string type, params (string Name, object? Value)[] fields) =>
        new(
            Vim + type,
            new XAttribute(Instance + "type", type),
            fields.OrderBy(field => SchemaOrder.PlaceOf(type, field.Name)).SelectMany(field => Field(field.Name, field.Value))
        );

    /// <summary>A data object of fields that the server wrote. One that we do not know is left out: the server keeps its value.</summary>
    public static XElement WithFields(string type, IEnumerable<XElement> fields) =>
        new(
            Vim + type,
            new XAttribute(Instance + "type", type),
            fields
                .Where(field => SchemaOrder.Has(type, field.Name.LocalName))
                .OrderBy(field => SchemaOrder.PlaceOf(type, field.Name.LocalName))
        );

    /// <summary>One element, several for a list, none for null.</summary>
    public static IEnumerable<XElement> Field(string name, object? value) =>
        value switch
        {
            null => [],
            string text => [new XElement(Vim + name, Clean(text))],
            XElement data => [Renamed(name, data)],
            IEnumerable list => list.Cast<object>().SelectMany(item => Field(name, item)),
            ManagedObject reference => [new XElement(Vim + name, new XAttribute("type", reference.Type), reference.Value)],
            bool flag => [new XElement(Vim + name, flag ? "true" : "false")],
            _ => [new XElement(Vim + name, Convert.ToString(value, CultureInfo.InvariantCulture))],
        };

    /// <summary>A value of any type, which is a text.</summary>
    public static XElement Text(string value) => new(Vim + "value", new XAttribute(Instance + "type", "xsd:string"), Clean(value));

    public static XElement Option(string key, string value) => Of("OptionValue", ("key", key), ("value", Text(value)));

    /// <summary>Without what XML 1.0 has no way to write: a source's own texts, such as its name, may hold any character.</summary>
    private static string Clean(string text)
    {
        if (text.All(XmlConvert.IsXmlChar))
            return text;

        var kept = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (XmlConvert.IsXmlChar(text[index]))
            {
                kept.Append(text[index]);
            }
            else if (index + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[index + 1], text[index]))
            {
                kept.Append(text[index]).Append(text[++index]);
            }
        }

        return kept.ToString();
    }

    private static XElement Renamed(string name, XElement data) => new(Vim + name, data.Attributes(), data.Nodes());
}

/// <summary>Reads answers by local name: servers choose their prefixes.</summary>
internal static class VimReading
{
    public static XElement? Child(this XElement? element, string name) =>
        element?.Elements().FirstOrDefault(child => child.Name.LocalName == name);

    public static IEnumerable<XElement> Children(this XElement? element, string name) =>
        element?.Elements().Where(child => child.Name.LocalName == name) ?? [];

    public static string? Text(this XElement? element, string name) => element.Child(name)?.Value;

    public static long? Number(this XElement? element, string name) => AsNumber(element.Child(name));

    public static bool? Flag(this XElement? element, string name) => AsFlag(element.Child(name));

    public static ManagedObject? Reference(this XElement? element, string name) => AsReference(element.Child(name));

    public static long? AsNumber(this XElement? element) =>
        long.TryParse(element?.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool? AsFlag(this XElement? element) =>
        element?.Value.Trim() switch
        {
            "true" or "1" => true,
            "false" or "0" => false,
            _ => null,
        };

    public static ManagedObject? AsReference(this XElement? element) =>
        element?.Attribute("type") is { } type ? new ManagedObject(type.Value, element.Value) : null;

    /// <summary>Lists come as ArrayOfX around X elements.</summary>
    public static IReadOnlyList<ManagedObject> AsReferences(this XElement? element) =>
        element is null
            ? []
            : [.. element.Elements().Select(AsReference).Where(reference => reference is not null).Select(reference => reference!.Value)];

    /// <summary>The type without its prefix: what makes a NIC of a device.</summary>
    public static string? TypeName(this XElement? element) =>
        element?.Attribute(VimData.Instance + "type")?.Value is { } type ? type.Substring(type.IndexOf(':') + 1) : null;
}
