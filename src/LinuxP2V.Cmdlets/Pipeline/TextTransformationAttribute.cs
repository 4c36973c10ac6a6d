using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// Takes texts alone. PowerShell makes a text of any object in the pipeline, and a conversion would be looked for by the name
/// that others may have, too.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TextTransformationAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input is string or IEnumerable<string> or object[] or null
            ? inputData
            : throw new ArgumentTransformationMetadataException($"'{inputData}' ({input.GetType().Name}) is no text.");
    }
}
