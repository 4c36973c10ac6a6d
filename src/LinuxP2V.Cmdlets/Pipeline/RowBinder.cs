using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// Fills the parameters of a cmdlet from the row that a source came from, as PowerShell does with a row in the pipeline: by
/// column names, and only where nothing else was given.
/// </summary>
internal sealed class RowBinder(P2VCmdlet cmdlet)
{
    private static readonly MethodInfo ValidateMethod = typeof(ValidateArgumentsAttribute).GetMethod(
        "Validate",
        BindingFlags.Instance | BindingFlags.NonPublic
    )!;

    /// <summary>Names of the parameters that the last row filled.</summary>
    public HashSet<string> Bound { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names under which a row can fill a parameter of a cmdlet.</summary>
    public static IEnumerable<string> ColumnsOf(Type cmdletType) => ParametersOf(cmdletType).SelectMany(NamesOf);

    /// <summary>Those of one parameter.</summary>
    public static IEnumerable<string> ColumnsOf(Type cmdletType, string parameter) =>
        ParametersOf(cmdletType).Where(one => one.Name == parameter).SelectMany(NamesOf);

    /// <summary>Names of the parameters of a cmdlet that have a value.</summary>
    public static IEnumerable<string> Filled(P2VCmdlet cmdlet) =>
        ParametersOf(cmdlet.GetType())
            .Where(parameter => parameter.GetValue(cmdlet) is not (null or SwitchParameter { IsPresent: false } or Array { Length: 0 }))
            .Select(parameter => parameter.Name);

    /// <param name="given">Names of parameters that stay as they are.</param>
    /// <returns>Disposing it puts the parameters back.</returns>
    /// <exception cref="P2VException">PlanNotPossible: a cell that does not fit.</exception>
    public IDisposable Bind(PSObject? row, string machine, ISet<string> given)
    {
        Bound.Clear();
        var reset = new Reset(cmdlet);
        try
        {
            if (row is null)
                return reset;

            foreach (var parameter in ParametersOf(cmdlet.GetType()).Where(parameter => !given.Contains(parameter.Name)))
            {
                if (NamesOf(parameter).Select(name => row.Properties[name]).FirstOrDefault(p => p is not null) is not { } column)
                    continue;

                if (ValueOf(parameter, column, machine) is not { } value)
                    continue;

                reset.Set(parameter, value);
                Bound.Add(parameter.Name);
            }

            return reset;
        }
        catch
        {
            reset.Dispose();
            throw;
        }
    }

    private static object? ValueOf(PropertyInfo parameter, PSPropertyInfo column, string machine)
    {
        try
        {
            object? value = column.Value;
            if (value is null || (value is string text && string.IsNullOrWhiteSpace(text)))
                return null;

            foreach (var transformation in parameter.GetCustomAttributes<ArgumentTransformationAttribute>())
                value = transformation.Transform(null!, value);

            value = LanguagePrimitives.ConvertTo(value, parameter.PropertyType, CultureInfo.InvariantCulture);
            foreach (var validation in parameter.GetCustomAttributes<ValidateArgumentsAttribute>())
                ValidateMethod.Invoke(validation, [value, null]);

            return value;
        }
        catch (Exception exception) when (Reason(exception) is { } reason)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"The column '{column.Name}' of the row of {machine} cannot be used: {reason}",
                $"Correct the row, or give -{parameter.Name}, which counts for all rows.",
                machine
            );
        }
    }

    private static string? Reason(Exception exception) =>
        exception switch
        {
            TargetInvocationException { InnerException: { } inner } => Reason(inner),
            MetadataException or PSInvalidCastException or RuntimeException => exception.Message,
            _ => null,
        };

    /// <summary>The parameters that a row can fill.</summary>
    public static IEnumerable<PropertyInfo> ParametersOf(Type type) =>
        type.GetProperties()
            .Where(property =>
                property.GetCustomAttributes<ParameterAttribute>().Any(parameter => parameter.ValueFromPipelineByPropertyName)
            );

    private static IEnumerable<string> NamesOf(PropertyInfo parameter) =>
        parameter.GetCustomAttribute<RowColumnAttribute>() is { } column
            ? [column.Name]
            : [parameter.Name, .. parameter.GetCustomAttributes<AliasAttribute>().SelectMany(alias => alias.AliasNames)];

    private sealed class Reset(P2VCmdlet cmdlet) : IDisposable
    {
        private readonly List<(PropertyInfo Parameter, object? Value)> before = [];

        public void Set(PropertyInfo parameter, object value)
        {
            before.Add((parameter, parameter.GetValue(cmdlet)));
            parameter.SetValue(cmdlet, value);
        }

        public void Dispose()
        {
            foreach (var (parameter, value) in before)
                parameter.SetValue(cmdlet, value);
        }
    }
}
