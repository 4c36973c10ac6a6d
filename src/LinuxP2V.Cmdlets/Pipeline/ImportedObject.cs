using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// What Export-Clixml, ConvertTo-Json, a job or remoting leaves of one of our objects: a bag of properties that anybody can
/// change. What counts is its Definition, so a bag that says something else is refused.
/// </summary>
internal static class ImportedObject
{
    /// <param name="bag">Null: there is nothing to compare.</param>
    /// <param name="truth">What the Definition says.</param>
    /// <param name="remedy">How it is changed rightly.</param>
    /// <param name="except">Names of properties that may say something else.</param>
    /// <exception cref="P2VException">ObjectEdited.</exception>
    public static void ThrowIfEdited(PSObject? bag, object truth, string remedy, ICollection<string>? except = null)
    {
        if (bag is not null && FindEdit(bag, truth, except ?? []) is { } edit)
            throw new P2VException(ErrorIds.ObjectEdited, $"{edit} A change of the object has no effect.", remedy, truth.ToString());
    }

    private static string? FindEdit(PSObject bag, object truth, ICollection<string> except)
    {
        foreach (var property in truth.GetType().GetProperties().Where(property => IsShown(property) && !except.Contains(property.Name)))
        {
            if (bag.Properties[property.Name] is not { } shown)
                continue;

            var expected = property.GetValue(truth);
            var edit = expected is Array list ? FindEdit(property.Name, shown.Value, list) : Compare(property, shown.Value, expected);
            if (edit is not null)
                return edit;
        }

        return null;
    }

    /// <summary>Looked up on demand, or never part of what is stored.</summary>
    private static bool IsShown(PropertyInfo property) =>
        property.PropertyType != typeof(object)
        && property.PropertyType != typeof(PSObject)
        && property.PropertyType != typeof(DateTimeOffset);

    private static string? FindEdit(string name, object? shown, Array expected)
    {
        if (shown.Unwrapped() is not IEnumerable list || shown.Unwrapped() is string)
            return null;

        var items = list.Cast<object?>().ToList();
        if (items.Count != expected.Length)
            return $"Its {name} has {items.Count} items, but it was made with {expected.Length}.";

        for (var index = 0; index < items.Count; index++)
        {
            var item = items[index];
            var edit = expected.GetValue(index) switch
            {
                // Beyond the depth of the export only its text is left.
                { } part when part.GetType().Namespace == typeof(P2VTask).Namespace => item.Unwrapped() is string || item is null ? null
                : FindEdit(PSObject.AsPSObject(item), part, []) is { } inner ? $"{name}[{index}]: {inner}"
                : null,
                var value => IsEqual(item, value) ? null : $"Its {name}[{index}] says '{item}', but it was made with '{value}'.",
            };
            if (edit is not null)
                return edit;
        }

        return null;
    }

    private static string? Compare(PropertyInfo property, object? shown, object? expected) =>
        IsEqual(shown, expected) ? null : $"Its {property.Name} says '{shown}', but it was made with '{expected}'.";

    private static bool IsEqual(object? shown, object? expected)
    {
        var value = shown.Unwrapped();
        if (expected is null || value is null)
            return (expected ?? value) is null or "";

        try
        {
            return expected.Equals(LanguagePrimitives.ConvertTo(value, expected.GetType(), CultureInfo.InvariantCulture));
        }
        catch (PSInvalidCastException)
        {
            return false;
        }
    }
}
