using System.Collections;
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
        if (IsText(inputData) || (inputData.Unwrapped() is IList list && list.Cast<object?>().All(IsText)))
            return inputData;

        // With this cause PowerShell goes on to the parameter that takes the object.
        var text = $"'{inputData}' ({inputData.Unwrapped()?.GetType().Name}) is no text.";
        throw new ArgumentTransformationMetadataException(text, new PSInvalidCastException(text));
    }

    private static bool IsText(object? value) => value.Unwrapped() is null or string or ValueType;
}
