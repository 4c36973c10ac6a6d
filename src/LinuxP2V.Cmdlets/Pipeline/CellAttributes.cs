using System.Collections;
using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// For parameters that a row fills, such as Import-Csv gives: all of its values are text, and an empty one means that
/// nothing was given.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal class CellTransformationAttribute : ArgumentTransformationAttribute
{
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var input = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        if (input is not string text)
            return inputData;

        return text.Trim() is { Length: > 0 } trimmed ? Read(trimmed) : Nothing;
    }

    /// <summary>What an empty cell means.</summary>
    protected virtual object? Nothing => null;

    /// <param name="text">Neither empty nor blank at its ends.</param>
    protected virtual object Read(string text) => text;
}

/// <summary>Several values in one cell, with semicolons between.</summary>
internal sealed class ListCellTransformationAttribute : CellTransformationAttribute
{
    protected override object Nothing => Array.Empty<string>();

    protected override object Read(string text) => text.Split(';').Select(item => item.Trim()).Where(item => item.Length > 0).ToArray();
}

/// <summary>Yes or no in words. PowerShell takes any text for true, also "false".</summary>
internal sealed class SwitchCellTransformationAttribute : CellTransformationAttribute
{
    private static readonly string[] Yes = ["true", "yes", "1", "on"];
    private static readonly string[] No = ["false", "no", "0", "off"];

    protected override object Nothing => new SwitchParameter(false);

    protected override object Read(string text) =>
        Yes.Contains(text, StringComparer.OrdinalIgnoreCase) ? new SwitchParameter(true)
        : No.Contains(text, StringComparer.OrdinalIgnoreCase) ? new SwitchParameter(false)
        : throw new ArgumentTransformationMetadataException($"'{text}' is neither yes nor no. Give true or false.");
}

/// <summary>A table in one cell: /=40;/var=12.5</summary>
internal sealed class TableCellTransformationAttribute : CellTransformationAttribute
{
    protected override object Read(string text)
    {
        var table = new Hashtable();
        foreach (var item in text.Split(';').Select(item => item.Trim()).Where(item => item.Length > 0))
        {
            var equals = item.LastIndexOf('=');
            if (equals <= 0)
                throw new ArgumentTransformationMetadataException($"'{item}' has no '=': give a table such as /=40;/var=12.5.");

            table[item.Substring(0, equals).Trim()] = item.Substring(equals + 1).Trim();
        }

        return table;
    }
}
