using System.Globalization;
using System.Management.Automation;

namespace LinuxP2V.Cmdlets.PowerCli;

/// <summary>Properties of objects whose types are not known here.</summary>
internal static class Shape
{
    /// <summary>Null as well when its getter fails: that of a live object may ask a server that is gone.</summary>
    public static object? Value(PSObject item, string name)
    {
        try
        {
            return item.Properties[name]?.Value is { } value ? (value as PSObject)?.BaseObject ?? value : null;
        }
        catch (GetValueException)
        {
            return null;
        }
    }

    /// <summary>Null for an empty text.</summary>
    public static string? Text(PSObject item, string name)
    {
        var text = Value(item, name) switch
        {
            null => null,
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            var other => other.ToString(),
        };
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    public static PSObject? Child(PSObject item, string name)
    {
        try
        {
            return item.Properties[name]?.Value is { } value ? PSObject.AsPSObject(value) : null;
        }
        catch (GetValueException)
        {
            return null;
        }
    }
}
