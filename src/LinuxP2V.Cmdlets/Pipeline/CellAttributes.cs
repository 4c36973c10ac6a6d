using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// For parameters that a row fills, such as Import-Csv gives: all of its values are text, and an empty one means that
/// nothing was given. The value is converted here: what PowerShell cannot convert from a property it leaves out in silence.
/// </summary>
/// <param name="type">What the parameter takes.</param>
[AttributeUsage(AttributeTargets.Property)]
internal class CellTransformationAttribute(Type type) : ArgumentTransformationAttribute
{
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var input = inputData.Unwrapped();
        return input switch
        {
            null => Nothing,
            string text when string.IsNullOrWhiteSpace(text) => Nothing,
            string text => Read(text),
            _ => Take(inputData!, input),
        };
    }

    /// <summary>What an empty cell means.</summary>
    protected virtual object? Nothing => null;

    /// <summary>What is no text.</summary>
    /// <param name="given">As it came.</param>
    /// <param name="value">Without PowerShell's wrapping.</param>
    protected virtual object? Take(object given, object value) => Convert(value);

    /// <param name="text">Not blank.</param>
    protected virtual object? Read(string text)
    {
        // "8,5" would become 85, since a comma may stand between thousands.
        if (text.Contains(',') && IsNumber)
            throw new ArgumentTransformationMetadataException($"'{text}' has a comma. Write the number with a point, such as 8.5.");

        // PowerShell would round "4.5".
        if (type == typeof(int) && text.Contains('.'))
            throw new ArgumentTransformationMetadataException($"'{text}' is no whole number.");

        return type == typeof(string) ? text : Convert(text.Trim());
    }

    private bool IsNumber => type == typeof(int) || type == typeof(decimal) || type == typeof(double);

    private object? Convert(object value) =>
        LanguagePrimitives.TryConvertTo(value, type, CultureInfo.InvariantCulture, out var converted)
            ? converted
            : throw new ArgumentTransformationMetadataException(
                type.IsEnum
                    ? $"'{value}' is none of {string.Join(", ", Enum.GetNames(type))}."
                    : $"'{value}' is no {(IsNumber ? "number" : type.Name)}."
            );
}

/// <summary>Several values in one cell, with semicolons between.</summary>
internal sealed class ListCellTransformationAttribute() : CellTransformationAttribute(typeof(string[]))
{
    protected override object Nothing => Array.Empty<string>();

    /// <summary>As it is: PowerShell looks for a property of an object in the pipeline before it makes a text of it.</summary>
    protected override object Take(object given, object value) => given;

    protected override object Read(string text) => text.Split(';').Select(item => item.Trim()).Where(item => item.Length > 0).ToArray();
}

/// <summary>Yes or no in words. PowerShell takes any text for true, also "false".</summary>
internal sealed class SwitchCellTransformationAttribute() : CellTransformationAttribute(typeof(SwitchParameter))
{
    private static readonly string[] Yes = ["true", "yes", "1", "on"];
    private static readonly string[] No = ["false", "no", "0", "off"];

    protected override object Nothing => new SwitchParameter(false);

    protected override object Read(string text) =>
        Yes.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) ? new SwitchParameter(true)
        : No.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) ? new SwitchParameter(false)
        : throw new ArgumentTransformationMetadataException($"'{text}' is neither yes nor no. Give true or false.");
}

/// <summary>A table in one cell: /=40;/var=12.5</summary>
internal class TableCellTransformationAttribute() : CellTransformationAttribute(typeof(Hashtable))
{
    /// <summary>As those of folders. Else values may have them, as addresses of the web do.</summary>
    public bool NamesMayHaveEquals { get; set; }

    /// <summary>Stands in the error about a cell.</summary>
    public string? Example { get; set; }

    protected sealed override object Read(string text)
    {
        var table = new Hashtable();
        foreach (var item in text.Split(';').Select(item => item.Trim()).Where(item => item.Length > 0))
        {
            var equals = NamesMayHaveEquals ? item.LastIndexOf('=') : item.IndexOf('=');
            if (equals <= 0)
                throw new ArgumentTransformationMetadataException($"'{item}' has no '=': give a table such as {Example}.");

            var name = item.Substring(0, equals).Trim();
            if (table.ContainsKey(name))
                throw new ArgumentTransformationMetadataException($"'{name}' stands twice in '{text}'.");

            table[name] = Value(item.Substring(equals + 1).Trim());
        }

        return table;
    }

    /// <summary>What a text of the cell stands for.</summary>
    protected virtual object Value(string text) => text;
}

/// <summary>Adapters to networks, each of which may be an object of PowerCLI's: eth0=VM Network;eth1=Backup</summary>
internal sealed class NetworkTableTransformationAttribute : TableCellTransformationAttribute
{
    private static readonly NetworkTransformationAttribute Networks = new();

    public NetworkTableTransformationAttribute()
    {
        Example = "eth0=VM Network;eth1=Backup";
        NamesMayHaveEquals = false;
    }

    protected override object? Take(object given, object value)
    {
        if (base.Take(given, value) is not Hashtable table)
            return null;

        var networks = new Hashtable();
        foreach (DictionaryEntry entry in table)
            networks[entry.Key] = Network(entry.Value, $"{entry.Key}");

        return networks;
    }

    protected override object Value(string text) => Network(text, text);

    private static P2VInventoryItem Network(object? value, string adapter) =>
        Networks.Transform(null!, value) switch
        {
            P2VInventoryItem one => one,
            P2VInventoryItem[] { Length: 1 } list => list[0],
            _ => throw new ArgumentTransformationMetadataException($"The network of '{adapter}' is empty, or a list. Give it one network."),
        };
}

/// <summary>
/// The only name of a column that fills the parameter, where the parameter's own name stands for something else in rows: the
/// column IPAddress is where a source is reached.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RowColumnAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>As PowerShell's Credential, which asks for one where it gets nothing: the empty cell of a row is no question.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CredentialCellAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        inputData.Unwrapped() switch
        {
            null => null,
            string text when string.IsNullOrWhiteSpace(text) => null,
            _ => new CredentialAttribute().Transform(engineIntrinsics, inputData),
        };
}

/// <summary>A key or passphrase. As plain text in a row it would be ignored in silence; it is refused, and not repeated.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretCellAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        inputData.Unwrapped() switch
        {
            null => null,
            string text when string.IsNullOrWhiteSpace(text) => null,
            SecureString secret => secret,
            _ => throw new ArgumentTransformationMetadataException(
                "It is a secret, and takes a SecureString alone, as Get-Secret or Read-Host -AsSecureString gives it."
            ),
        };
}
