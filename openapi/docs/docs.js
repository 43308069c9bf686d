// Shows the contract as this service serves it; what is tried out is asked of this service alone.
'use strict';

// An example that stands in the field would be sent with every trial. Where a parameter can be left
// out it is told of instead.
function tellOfExamples(parameters) {
    for (const parameter of Object.values(parameters)) {
        if (!parameter.required && 'example' in parameter) {
            parameter.description += ` Such as \`${parameter.example}\`.`;
            delete parameter.example;
        }
    }
}

fetch('/openapi.json').then((answer) => answer.json()).then((contract) => {
    tellOfExamples(contract.components.parameters);
    // Without servers the page's own address is the one that is asked.
    delete contract.servers;
    SwaggerUIBundle({
        spec: contract,
        domNode: document.getElementById('reference'),
        deepLinking: true,
        docExpansion: 'list',
        defaultModelsExpandDepth: 0,
        // Otherwise the contract's address would be sent to a validator elsewhere.
        validatorUrl: null,
    });
});
