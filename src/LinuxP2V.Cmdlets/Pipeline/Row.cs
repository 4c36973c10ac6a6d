using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>The object of the pipeline that names a machine, such as a row of a CSV file.</summary>
internal static class Row
{
    private static readonly string[] SecretNames = ["pass", "pwd", "secret", "credential", "token"];

    /// <returns>
    /// What a row says, without what may be secret, since it goes along with objects that are stored. Null for anything that is
    /// no row: an object of another module, or one of ours.
    /// </returns>
    public static PSObject? Of(PSObject? given)
    {
        if (
            given?.BaseObject is not PSCustomObject
            || given.TypeNames.Any(name => name.IndexOf("LinuxP2V.", StringComparison.Ordinal) >= 0)
        )
            return null;

        var row = new PSObject();
        foreach (var property in given.Properties.Where(property => property.IsGettable && !IsSecret(property.Name)))
        {
            if (ValueOf(property) is { } value)
                row.Properties.Add(new PSNoteProperty(property.Name, value));
        }

        return row;
    }

    /// <summary>KeyFile is no secret, but PrivateKey and ApiKey are.</summary>
    private static bool IsSecret(string name) =>
        SecretNames.Any(part => name.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0)
        || name.EndsWith("key", StringComparison.OrdinalIgnoreCase)
        || name.Equals("pin", StringComparison.OrdinalIgnoreCase);

    private static object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return Plain(property.Value);
        }
        catch (GetValueException)
        {
            return null;
        }
    }

    /// <summary>Texts, numbers, times, and lists of them. An object may hold a secret.</summary>
    private static object? Plain(object? value) =>
        value.Unwrapped() switch
        {
            string text => text.StartsWith("-----BEGIN", StringComparison.Ordinal) ? null : text,
            ValueType => value,
            Array list when list.Cast<object?>().All(item => item is string or ValueType) => value,
            _ => null,
        };
}
