using System.Management.Automation;

namespace LinuxP2V.Host.Commands;

internal static class Text
{
    /// <summary>As PowerShell puts a value into a string.</summary>
    public static string Of(object? value) => value is null ? "" : LanguagePrimitives.ConvertTo<string>(value);
}
