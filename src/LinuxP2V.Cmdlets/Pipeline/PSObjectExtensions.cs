using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>What PowerShell wraps around objects.</summary>
internal static class PSObjectExtensions
{
    /// <summary>The object itself. A PSCustomObject has no properties without its wrapping, so it stays as it is.</summary>
    public static object? Unwrapped(this object? value) =>
        value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    /// <summary>Whether it is what Export-Clixml, a job or remoting left of an object of a type.</summary>
    public static bool WasA(this PSObject item, Type type) => item.TypeNames.Contains("Deserialized." + type.FullName);
}
